"""One model's way of chatting: what a chat becomes for the engine, and what the engine's answer becomes for the chat."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import cast

from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    CompletionRequest,
    Constraint,
    Delta,
    FinishReason,
    Message,
    Piece,
    Prompt,
    RequestedCall,
    Speaker,
    Tool,
    ToolUse,
)
from hub.errors import InferenceError, PromptTooLong, Unanswerable
from hub.inference.chat import dialogue
from hub.inference.chat.calls import CallParser
from hub.inference.chat.counting import Count
from hub.inference.chat.environment import local_time
from hub.inference.chat.forms import TAUGHT, CallForm, recognised
from hub.inference.chat.grammar import calls_only, text_or_calls
from hub.inference.chat.template import CHATML, PLAIN, PLAIN_STOP, ChatTemplate
from hub.inference.protocol import Ready

Generate = Callable[[CompletionRequest], AsyncIterator[Delta]]

_log = logging.getLogger(__name__)
_MOST_BEGINNINGS = 32
_PROBE = "probe7f3a"
_USER = Message(speaker=Speaker.USER, text="a")
_PROBE_TOOL = Tool(name=_PROBE, description="c")


class ChatFormat:
    """Made once for a loaded model; a back end needs no more than ``chat``.

    ``form`` is how the model writes tool calls; ``reason`` says why the model's own template is not used, where it is not.
    What the template cannot take (system messages, tools, two messages of the user in a row) is found out by trying,
    and put into what it can.
    """

    def __init__(self, ready: Ready, *, now: Callable[[], datetime] = local_time) -> None:
        self._context = ready.context
        self._now = now
        self._beginnings: dict[object, str] = {}
        self.reason: str | None = None
        self.template = self._chosen(ready, now)
        self.stop = PLAIN_STOP if self.template.source is PLAIN else ()
        self._takes_system = self._shows(Message(speaker=Speaker.SYSTEM, text=_PROBE), _USER)
        self._takes_repetition = self._shows(_USER, Message(speaker=Speaker.USER, text=_PROBE))
        self.form = self._working(recognised(self.template.source))

    def prompt(self, chat: ChatRequest) -> tuple[tuple[Piece, ...], int]:
        """Return the prompt of a chat, and how many of its first pieces other requests share.

        Raises InferenceError if the model's template refuses the messages.
        """
        tools = () if chat.tool_use is ToolUse.NONE else chat.tools  # all of them, whichever may be called: one prefix
        shown = () if self.form.taught else tools
        beginning = self._beginning(chat.messages, tools, shown)
        pieces, shared = self.template.render(self._adapted(chat.messages, tools), shown, beginning)
        return (*pieces, *self._opening()) if _must_call(chat) else pieces, shared

    async def tokens(self, chat: ChatRequest, count: Count) -> int:
        """Return how many tokens the prompt of a chat has: what a ``ContextWindow`` counts by."""
        return await count(self.prompt(chat)[0])

    def request(self, chat: ChatRequest, *, max_tokens: int) -> CompletionRequest:
        """Return what the engine is asked for.

        Raises Unanswerable if the template refuses the messages, or the request is for a tool that it does not bring.
        """
        try:
            constraint = self._constraint(chat)
            prompt, shared = self.prompt(chat)
        except RecursionError:
            raise Unanswerable("Expected tools and calls of fewer levels, got some too deep") from None
        return CompletionRequest(
            prompt=prompt,
            shared=shared,
            constraint=constraint,
            max_tokens=max_tokens,
            sampling=chat.sampling,
            stop=(*chat.stop, *self.stop),
            candidates=chat.candidates,
            priority=chat.priority,
            timeout=chat.timeout,
        )

    async def parse(self, chat: ChatRequest, deltas: AsyncIterator[Delta]) -> AsyncGenerator[ChatDelta]:
        """Yield an engine's answer to ``request(chat)`` as text and calls. Closing it closes ``deltas``."""
        tools = _offered(chat)
        parser = CallParser(self.form, [tool.name for tool in tools], opened=_must_call(chat)) if tools else None
        # Every iterator of a back end is a generator: only those can be closed.
        async with aclosing(cast("AsyncGenerator[Delta]", deltas)) as closing:
            async for delta in closing:
                yield _told(delta, parser)

    async def chat(self, chat: ChatRequest, *, generate: Generate, count: Count) -> AsyncGenerator[ChatDelta]:
        """Yield the answer to a chat: the whole of a local back end's ``chat``.

        ``count`` is a ``TokenCounter`` of the model; it is asked only where the chat sets no ``max_tokens``.
        Raises PromptTooLong if no room is left for an answer.
        """
        request = self.request(chat, max_tokens=chat.max_tokens or 1)
        if chat.max_tokens is None:
            request = replace(request, max_tokens=await self._room(request.prompt, count))
        async with aclosing(self.parse(chat, generate(request))) as deltas:
            async for delta in deltas:
                yield delta

    async def _room(self, prompt: Prompt, count: Count) -> int:
        tokens = await count(prompt)
        if tokens >= self._context:
            raise PromptTooLong(
                f"Expected a chat of fewer than {self._context} tokens, the window of the model, got {tokens}. "
                "Leave out older messages, or give inference: a larger context",
                tokens=tokens,
                context=self._context,
            )
        return self._context - tokens

    def _chosen(self, ready: Ready, now: Callable[[], datetime]) -> ChatTemplate:
        make = partial(ChatTemplate, specials=ready.specials, begin=ready.begin, end=ready.end, now=now)
        if ready.template:
            try:
                template = make(ready.template)
                template.render((_USER,))
            except InferenceError as error:
                self.reason = str(error)
                _log.warning("The chat template of the model %s is not used: %s", ready.model, error)
            else:
                return template
        return make(CHATML if {"<|im_start|>", "<|im_end|>"} <= set(ready.specials) else PLAIN)

    def _shows(self, *messages: Message, tools: Sequence[Tool] = ()) -> bool:
        """Say whether the template takes the messages and shows the probe that is in them."""
        try:
            return _PROBE in self.template.text(messages, tools)
        except InferenceError:
            return False

    def _working(self, form: CallForm) -> CallForm:
        """Return the form if the template shows tools, calls and results, otherwise the one that needs no help of it."""
        call = RequestedCall(call_id="123456789", name=_PROBE, arguments="{}")
        called = Message(speaker=Speaker.ASSISTANT, calls=(call,))
        result = Message(speaker=Speaker.TOOL, text=_PROBE, call_id="123456789")
        asked = replace(call, name="d")
        shown = (
            self._shows(_USER, tools=(_PROBE_TOOL,))
            and self._shows(_USER, called)
            and self._shows(_USER, replace(called, calls=(asked,)), result)
        )
        if not shown or form.taught:
            return TAUGHT
        # Engines do not write out control tokens: of such a marker only what follows it is seen.
        return replace(form, bare=form.bare or form.marker in self.template.specials)

    def _adapted(self, messages: Sequence[Message], tools: Sequence[Tool]) -> tuple[Message, ...]:
        adapted = tuple(messages)
        if self.form.taught:
            adapted = dialogue.taught(adapted, tools, self.form)
        if not self._takes_system:
            adapted = dialogue.without_system(adapted)
        return adapted if self._takes_repetition else dialogue.alternating(adapted)

    def _beginning(self, messages: Sequence[Message], tools: Sequence[Tool], shown: Sequence[Tool]) -> str:
        """Return what prompts with these system messages and tools begin with, whatever the user says."""
        system = tuple(message for message in messages if message.speaker is Speaker.SYSTEM)
        key = (system, str(tools), self._now().date())
        if key not in self._beginnings:
            if len(self._beginnings) >= _MOST_BEGINNINGS:
                self._beginnings.pop(next(iter(self._beginnings)))
            one, other = (self._adapted((*system, message), tools) for message in (_USER, replace(_USER, text="b")))
            self._beginnings[key] = self.template.beginning(one, other, shown)
        return self._beginnings[key]

    def _opening(self) -> tuple[Piece, ...]:
        marker = Piece(text=self.form.marker, special=self.form.marker in self.template.specials)
        return tuple(piece for piece in (marker, Piece(text=self.form.before)) if piece.text)

    def _constraint(self, chat: ChatRequest) -> Constraint | None:
        tools = _offered(chat)
        if not tools:
            return chat.constraint
        specials = self.template.specials
        one = chat.tool is not None or not chat.several
        if _must_call(chat):
            return calls_only(self.form, tools, specials, one=one)
        return text_or_calls(self.form, tools, specials, chat.constraint, one=one)


def _offered(chat: ChatRequest) -> tuple[Tool, ...]:
    """Return the tools that the model may call."""
    if chat.tool is not None:
        named = tuple(tool for tool in chat.tools if tool.name == chat.tool)
        if not named:
            names = ", ".join(tool.name for tool in chat.tools) or "none"
            raise Unanswerable(f"Expected a tool to call among those of the request ({names}), got {chat.tool}")
        return named
    if chat.tool_use is ToolUse.REQUIRED and not chat.tools:
        raise Unanswerable("Expected tools, since one must be called, got none")
    return () if chat.tool_use is ToolUse.NONE else chat.tools


def _must_call(chat: ChatRequest) -> bool:
    return chat.tool is not None or chat.tool_use is ToolUse.REQUIRED


def _told(delta: Delta, parser: CallParser | None) -> ChatDelta:
    if parser is None:
        return ChatDelta(text=delta.text, tokens=delta.tokens, finish=delta.finish, usage=delta.usage)
    parsed = parser.feed(delta.text)
    text, calls, finish = parsed.text, parsed.calls, delta.finish
    if finish is not None:
        text += parser.end().text
        finish = FinishReason.TOOL_CALLS if parser.called and finish is FinishReason.STOP else finish
    return ChatDelta(text=text, calls=calls, tokens=delta.tokens, finish=finish, usage=delta.usage)
