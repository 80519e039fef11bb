"""What is asked back is answered by the next turn of the same conversation and speaker, and by no other."""

from __future__ import annotations

from typing import Any

import pytest

from hub.agent import CommandAgent
from hub.core.callers import Caller
from hub.inference import ScriptedBackend
from tests.agent.conftest import USER, FixtureHome, say

ASKED = "turn the lamp thing on"
REPLIES = ScriptedBackend(
    [
        ("> turn the lamp thing on\n", '[{"tool":"on","type":"light"}]'),
        ("> undo the door\n", '[{"tool":"unlock","type":"lock"}]'),
        ("> i am home\n", '[{"tool":"open","type":"garage"}]'),
        (".", '[{"tool":"none"}]'),
    ]
)


@pytest.fixture
def agent(home: FixtureHome) -> CommandAgent:
    return home.agent(REPLIES)


async def turn(agent: CommandAgent, text: str, talk: str = "talk", **options: Any) -> str:
    return (await say(agent, text, conversation_id=talk, **options)).answer


@pytest.mark.parametrize(
    ("reply", "entity_id"),
    [
        ("the kitchen one", "light.kitchen_light"),
        ("the one in the kitchen please", "light.kitchen_light"),
        ("desk lamp", "light.desk_lamp"),
        ("I mean the desk one", "light.desk_lamp"),
        ("厨房的", "light.kitchen_light"),
        ("卧室那个", "light.bedroom_lamp"),
        ("the first one", "light.ceiling_light"),
        ("第三个", "light.kitchen_light"),
    ],
)
async def test_one_of_those_asked_about_is_chosen(
    home: FixtureHome, agent: CommandAgent, reply: str, entity_id: str
) -> None:
    assert (await turn(agent, ASKED)).startswith(("Which one do you mean", "您指的是哪一个"))
    await turn(agent, reply)
    assert home.done == [("light.turn_on", entity_id)]


async def test_all_of_them_are_chosen(home: FixtureHome, agent: CommandAgent) -> None:
    await turn(agent, ASKED)
    await turn(agent, "all of them")
    assert len(home.done) == 7


@pytest.mark.parametrize("reply", ["none of them", "都不是"])
async def test_no_is_an_answer_too(home: FixtureHome, agent: CommandAgent, reply: str) -> None:
    await turn(agent, ASKED)
    assert await turn(agent, reply) in ("OK.", "好的。")
    await turn(agent, "the desk one")
    assert home.done == []


async def test_another_command_is_no_answer(home: FixtureHome, agent: CommandAgent) -> None:
    await turn(agent, ASKED)
    await turn(agent, "turn off the kitchen light")
    await turn(agent, "the desk one")
    assert home.done == [("light.turn_off", "light.kitchen_light")]


async def test_what_fits_several_is_asked_about_once_more(home: FixtureHome, agent: CommandAgent) -> None:
    await turn(agent, ASKED)
    answer = await turn(agent, "the living room one")
    assert answer == "Which one do you mean: Ceiling Light or Floor Lamp?"
    assert home.done == []
    await turn(agent, "the floor one")
    assert home.done == [("light.turn_on", "light.floor_lamp")]


async def test_a_question_is_open_for_its_conversation_its_speaker_and_two_minutes(
    home: FixtureHome, agent: CommandAgent
) -> None:
    await turn(agent, ASKED)
    await turn(agent, "the desk one", talk="another")
    await turn(agent, "the desk one", caller=Caller.user("u2"))
    assert home.done == []

    await turn(agent, ASKED)
    await home.clock.advance(121)
    await turn(agent, "the desk one")
    assert home.done == []


async def test_what_opens_is_opened_where_it_was_asked_about_and_named(home: FixtureHome, agent: CommandAgent) -> None:
    assert await turn(agent, "undo the door") == "Which one do you mean: Front Door or Back Door?"
    assert (
        await turn(agent, "both")
        == "I unlock, open and disarm one thing at a time. Which one: Front Door or Back Door?"
    )
    assert home.done == []
    assert await turn(agent, "the front one") == "Unlocking Front Door."
    assert home.done == [("lock.unlock", "lock.front_door")]


async def test_yes_is_enough_where_one_thing_was_asked_about(home: FixtureHome, agent: CommandAgent) -> None:
    assert (
        await turn(agent, "i am home")
        == "I unlock, open and disarm only what is surely meant. Do you mean Garage Door?"
    )
    assert await turn(agent, "yes please", caller=USER) == "Opening Garage Door."
    assert home.done == [("cover.open_cover", "cover.garage_door")]
