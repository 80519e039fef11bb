"""Keeps a conversation within the model's window, and never by cutting silently."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hub.core.inference import ChatRequest, Message, Speaker
from hub.core.ports import Turn
from hub.errors import PromptTooLong

ANSWER = 512
"""Tokens kept for the answer where the request names no limit."""
_TARGET = 0.75
"""How full the prompt's part of the window is after older messages went: then the next turns fit as they are, and their prefix stays."""
_SUMMARY = 0.125
"""The part of the window that a summary may take."""
_SPEAKERS = {"user": Speaker.USER, "assistant": Speaker.ASSISTANT, "tool": Speaker.TOOL}
_log = logging.getLogger(__name__)

Summarise = Callable[[Sequence[Message], int], Awaitable[str]]
"""Says in at most so many tokens what the messages were about."""


_Messages = tuple[Message, ...]
_Exchanges = Sequence[_Messages]


class Overflow(StrEnum):
    """What is done with a conversation that does not fit."""

    REFUSE = "refuse"
    SUMMARISE = "summarise"
    DROP_OLDEST = "drop_oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A chat that fits, the tokens of its prompt, and what is not in it word by word: summarised or dropped messages."""

    request: ChatRequest
    tokens: int
    summarised: tuple[Message, ...] = ()
    dropped: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class _Summary:
    messages: tuple[Message, ...] = ()
    text: str = ""


class ContextWindow:
    """The window of one conversation: ``size`` tokens for prompt and answer together.

    ``count`` counts the prompt of a chat (``ChatFormat.tokens`` with a ``TokenCounter``). System messages, tools and everything
    from the user's last message on always stay. Older messages go by whole exchanges, so that no result loses its call.
    A summary is kept for the next turns, and only extended when it must be.
    """

    def __init__(
        self,
        size: int,
        count: Callable[[ChatRequest], Awaitable[int]],
        *,
        overflow: Overflow = Overflow.REFUSE,
        summarise: Summarise | None = None,
        answer: int = ANSWER,
    ) -> None:
        if (overflow is Overflow.SUMMARISE) != (summarise is not None):
            raise ValueError(
                f"Expected a summariser with {Overflow.SUMMARISE.value} and only with it, got {overflow.value}"
            )
        self._size = size
        self._count = count
        self._overflow = overflow
        self._summarise = summarise
        self._answer = answer
        self._summary = _Summary()

    async def fit(self, request: ChatRequest) -> Fitted:
        """Return the chat such that its prompt and answer fit.

        Raises PromptTooLong with the figures if they do not, and whatever the summariser raises.
        """
        room = self._size - (request.max_tokens or self._answer)
        system, exchanges = _divided(request.messages)
        fitted = await self._known(request, system, exchanges)
        if fitted.tokens <= room:
            return fitted
        last = await self._counted(request, system, exchanges[-1:])
        if self._overflow is Overflow.REFUSE or len(exchanges) < 2 or last.tokens > room:
            raise self._too_long(fitted.tokens if self._overflow is Overflow.REFUSE else last.tokens, room)
        target = max(last.tokens, int(room * _TARGET))
        if self._overflow is Overflow.DROP_OLDEST:
            return await self._dropped(request, system, exchanges, target)
        return await self._summarised(request, system, exchanges, room, target)

    async def _known(self, request: ChatRequest, system: _Messages, exchanges: _Exchanges) -> Fitted:
        """Return the chat as it is, or with the summary that covers its beginning."""
        known = self._summary.messages
        flat = _joined(exchanges)
        if known and flat[: len(known)] == known:
            return await self._with_summary(request, system, flat[len(known) :])
        return await self._counted(request, system, exchanges)

    async def _dropped(self, request: ChatRequest, system: _Messages, exchanges: _Exchanges, target: int) -> Fitted:
        first = await self._first_kept(request, system, exchanges, target)
        dropped = _joined(exchanges[:first])
        fitted = await self._counted(request, system, exchanges[first:])
        _log.warning(
            "The oldest %s messages of a conversation are left out: they do not fit into the window", len(dropped)
        )
        return replace(fitted, dropped=dropped)

    async def _summarised(
        self, request: ChatRequest, system: _Messages, exchanges: _Exchanges, room: int, target: int
    ) -> Fitted:
        assert self._summarise is not None
        budget = int(self._size * _SUMMARY)
        first = await self._first_kept(request, system, exchanges, max(0, target - budget))
        going = _joined(exchanges[:first])
        text = await self._summarise(self._to_summarise(going), budget)
        self._summary = _Summary(going, text)
        fitted = await self._with_summary(request, system, _joined(exchanges[first:]))
        if fitted.tokens > room:
            raise self._too_long(fitted.tokens, room)
        _log.warning(
            "The oldest %s messages of a conversation are summarised: they do not fit into the window", len(going)
        )
        return fitted

    def _to_summarise(self, going: _Messages) -> _Messages:
        known = self._summary.messages
        if known and going[: len(known)] == known:
            return (_as_message(self._summary.text), *going[len(known) :])
        return going

    async def _with_summary(self, request: ChatRequest, system: _Messages, kept: _Messages) -> Fitted:
        messages = (*system, _as_message(self._summary.text), *kept)
        fitted = await self._counted(request, messages, ())
        return replace(fitted, summarised=self._summary.messages)

    async def _first_kept(self, request: ChatRequest, system: _Messages, exchanges: _Exchanges, target: int) -> int:
        """Return the first exchange from which on the chat has at most ``target`` tokens, at the latest the last one."""
        low, high = 1, len(exchanges) - 1
        while low < high:
            middle = (low + high) // 2
            fits = (await self._counted(request, system, exchanges[middle:])).tokens <= target
            low, high = (low, middle) if fits else (middle + 1, high)
        return low

    async def _counted(self, request: ChatRequest, system: _Messages, exchanges: _Exchanges) -> Fitted:
        chat = replace(request, messages=(*system, *_joined(exchanges)))
        return Fitted(request=chat, tokens=await self._count(chat))

    def _too_long(self, tokens: int, room: int) -> PromptTooLong:
        return PromptTooLong(
            f"Expected a chat of at most {room} tokens, since the window has {self._size} and the answer may take "
            f"{self._size - room}, got {tokens}. Say less, or give inference: a larger context",
            tokens=tokens,
            context=self._size,
            answer=self._size - room,
        )


def from_turns(turns: Sequence[Turn]) -> tuple[Message, ...]:
    """Return the messages of a stored conversation."""
    return tuple(Message(speaker=_SPEAKERS[turn.role], text=turn.text) for turn in turns)


def _divided(messages: _Messages) -> tuple[_Messages, list[_Messages]]:
    """Return the system messages, and the others as exchanges, each of which begins with the user's message."""
    system = tuple(message for message in messages if message.speaker is Speaker.SYSTEM)
    exchanges: list[list[Message]] = []
    for message in messages:
        if message.speaker is Speaker.USER or (not exchanges and message.speaker is not Speaker.SYSTEM):
            exchanges.append([message])
        elif message.speaker is not Speaker.SYSTEM:
            exchanges[-1].append(message)
    return system, [tuple(exchange) for exchange in exchanges]


def _joined(exchanges: _Exchanges) -> _Messages:
    return tuple(message for exchange in exchanges for message in exchange)


def _as_message(summary: str) -> Message:
    # Not the system's: it was made of what users and devices said.
    return Message(speaker=Speaker.USER, text=f"What we said before, in short: {summary}")
