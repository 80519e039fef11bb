from __future__ import annotations

from typing import Any

from hub.agent import Conversation
from hub.conversation import MemoryConversationStore
from hub.core.context import Context
from hub.core.ports import Turn
from hub.errors import ModelUnavailable, StorageError
from hub.inference import LocalBackend, ScriptedBackend
from tests.agent.conftest import USER, FixtureHome


def conversation(home: FixtureHome, backend: Any, store: Any = None) -> Conversation:
    return Conversation(home.agent(backend), store or MemoryConversationStore(), home.states, home.clock)


async def process(talk: Conversation, text: str, **options: Any) -> dict[str, Any]:
    return await talk.process(text, user=USER, context=Context("chat"), **options)


def speech(answer: dict[str, Any]) -> str:
    return str(answer["response"]["speech"]["plain"]["speech"])


NO_MODEL = ScriptedBackend([(".", ModelUnavailable("There is no model"))])


async def test_an_action_is_answered_in_home_assistants_form_with_our_key(home: FixtureHome) -> None:
    answer = await process(conversation(home, NO_MODEL), "turn on the desk lamp", language="en")

    assert answer["response"] == {
        "speech": {"plain": {"speech": "Turned on Desk Lamp.", "extra_data": None}},
        "card": {},
        "language": "en",
        "response_type": "action_done",
        "data": {
            "targets": [],
            "success": [{"name": "Desk Lamp", "type": "entity", "id": "light.desk_lamp"}],
            "failed": [],
        },
    }
    assert answer["continue_conversation"] is False
    assert answer["hearth"]["source"] == "matcher"
    assert answer["hearth"]["confidence"] == 1.0
    (call,) = answer["hearth"]["calls"]
    assert call["action"] == "light.turn_on"
    assert call["target"] == {"entity_id": ["light.desk_lamp"]}


async def test_a_question_is_a_query_and_small_talk_an_error(home: FixtureHome, model: LocalBackend) -> None:
    talk = conversation(home, model)

    question = await process(talk, "is the back door locked")
    assert question["response"]["response_type"] == "query_answer"
    assert question["response"]["data"]["success"][0]["id"] == "lock.back_door"
    joke = await process(talk, "tell me a joke")
    assert (joke["response"]["response_type"], joke["response"]["data"]) == ("error", {"code": "no_intent_match"})
    unknown = await process(talk, "turn on the lights")
    assert unknown["response"]["data"] == {"code": "no_valid_targets"}
    assert unknown["continue_conversation"] is True


async def test_a_missing_model_is_an_answer(home: FixtureHome) -> None:
    answer = await process(conversation(home, NO_MODEL), "do something nice")

    assert answer["response"]["response_type"] == "error"
    assert answer["response"]["data"] == {"code": "failed_to_handle"}
    assert speech(answer) == "The local model is not available: There is no model"
    assert "本地模型不可用" in speech(await process(conversation(home, NO_MODEL), "随便做点什么吧"))


async def test_an_empty_sentence_is_an_answer_too(home: FixtureHome) -> None:
    assert speech(await process(conversation(home, NO_MODEL), " ")).startswith("I cannot take that")


async def test_turns_are_kept_in_their_conversation(home: FixtureHome) -> None:
    store = MemoryConversationStore()
    talk = conversation(home, NO_MODEL, store)

    first = await process(talk, "turn on the desk lamp")
    again = await process(talk, "what time is it", conversation_id=first["conversation_id"])
    other = await process(talk, "what time is it")

    assert again["conversation_id"] == first["conversation_id"] != other["conversation_id"]
    turns = await store.history(first["conversation_id"])
    assert [(turn.role, turn.text) for turn in turns] == [
        ("user", "turn on the desk lamp"),
        ("assistant", "Turned on Desk Lamp."),
        ("user", "what time is it"),
        ("assistant", "It is 22:13."),
    ]
    assert turns[1].data["source"] == "matcher"


class FullDisk:
    """A store that cannot keep anything."""

    async def append(self, conversation_id: str, turns: list[Turn]) -> None:
        raise StorageError("The disk is full")


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same(home: FixtureHome) -> None:
    assert (
        speech(await process(conversation(home, NO_MODEL, FullDisk()), "turn on the desk lamp"))
        == "Turned on Desk Lamp."
    )
