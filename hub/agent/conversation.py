"""The chat: turns of a conversation, answered in Home Assistant's form with our own key beside it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from hub.agent.phrases import Phrases, language_of
from hub.core.actions import Outcome
from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.ids import new_id
from hub.core.ports import ConversationStore, Turn
from hub.core.records import Decision, ToolCall
from hub.core.states import States
from hub.errors import HubError, InferenceError, InvalidInput, StorageError

_QUESTIONS = frozenset(
    {"hearth.state", "hearth.time", "hearth.date", "hearth.weather", "hearth.left", "todo.get_items"}
)
_log = logging.getLogger(__name__)


class Agent(Protocol):
    """Carries out sentences: ``CommandAgent``."""

    async def command(
        self,
        text: str,
        *,
        context: Context,
        caller: Caller,
        language: str | None = None,
        area_id: str | None = None,
        conversation_id: str | None = None,
    ) -> Decision:
        """Carry out what a sentence asks for, which may answer what was asked back in the same conversation."""


class Conversation:
    """Answers what is said in the chat, and keeps the turns."""

    def __init__(self, agent: Agent, store: ConversationStore, states: States, clock: Clock) -> None:
        self._agent = agent
        self._store = store
        self._states = states
        self._clock = clock

    async def process(
        self,
        text: str,
        *,
        user: Caller,
        context: Context,
        language: str | None = None,
        conversation_id: str | None = None,
        area_id: str | None = None,
    ) -> dict[str, Any]:
        """Carry out a turn and return Home Assistant's ``conversation/process`` answer with our key ``hearth``.

        What the agent cannot take or the model cannot answer is an answer too. The turn is kept if that is possible.
        """
        conversation_id = conversation_id or new_id()
        spoken = language_of(text, language)
        try:
            decision = await self._agent.command(
                text,
                context=context,
                caller=user,
                language=language,
                area_id=area_id,
                conversation_id=conversation_id,
            )
            response = self._response(decision)
        except (InferenceError, InvalidInput) as error:
            decision = Decision(question=text, source="none", answer=_apology(error, Phrases(spoken)))
            response = _error("failed_to_handle")
        ours = _ours(decision)
        await self._keep(conversation_id, text, decision, ours)
        return {
            "response": {"speech": _speech(decision.answer), "card": {}, "language": language or spoken, **response},
            "conversation_id": conversation_id,
            "continue_conversation": any(call.outcome == "ask" for call in decision.calls),
            "hearth": ours,
        }

    def _response(self, decision: Decision) -> dict[str, Any]:
        if not decision.calls:
            return _error("no_intent_match")
        accepted = [call for call in decision.calls if call.outcome == Outcome.ACCEPTED]
        if not accepted:
            unhandled = any(call.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for call in decision.calls)
            return _error("failed_to_handle" if unhandled else "no_valid_targets")
        asked = all(call.action in _QUESTIONS for call in decision.calls)
        failed = [call for call in decision.calls if call.outcome != Outcome.ACCEPTED]
        data = {"targets": [], "success": self._entities(accepted), "failed": self._entities(failed)}
        return {"response_type": "query_answer" if asked else "action_done", "data": data}

    def _entities(self, calls: list[ToolCall]) -> list[dict[str, str]]:
        ids = dict.fromkeys(id_ for call in calls for id_ in call.entities)
        states = {id_: self._states.get(id_) for id_ in ids}
        return [{"name": state.name if state else id_, "type": "entity", "id": id_} for id_, state in states.items()]

    async def _keep(self, conversation_id: str, text: str, decision: Decision, ours: Mapping[str, Any]) -> None:
        now = self._clock.time()
        turns = (
            Turn(role="user", text=text, time=now),
            Turn(role="assistant", text=decision.answer, time=now, data=ours),
        )
        try:
            await self._store.append(conversation_id, turns)
        except StorageError as error:
            _log.warning("A turn of the conversation %s is not kept: %s", conversation_id, error)


def _apology(error: HubError, phrases: Phrases) -> str:
    key = "error.input" if isinstance(error, InvalidInput) else "error.model"
    return phrases.say(key, reason=str(error))


def _speech(text: str) -> dict[str, Any]:
    return {"plain": {"speech": text, "extra_data": None}}


def _error(code: str) -> dict[str, Any]:
    return {"response_type": "error", "data": {"code": code}}


def _ours(decision: Decision) -> dict[str, Any]:
    """Return what the dashboard shows beside the answer: who understood it, how surely, and what was called."""
    return {
        "source": decision.source,
        "calls": [
            {
                "action": call.action,
                "target": call.target,
                "data": call.data,
                "confidence": call.confidence,
                "outcome": call.outcome,
                "reason": call.reason,
            }
            for call in decision.calls
        ],
        "confidence": decision.confidence,
        "confidence_reason": decision.confidence_reason,
        "duration": decision.duration,
        "run_id": None,
    }
