"""``/v1/chat/completions``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from hub.core.inference import CallDelta, ChatDelta, InferenceBackend
from hub.server.needs import Needs
from hub.server.rest.openai.answers import Choice, Envelope, call_parts, usage_of
from hub.server.rest.openai.asking import AskedChat, read_chat
from hub.server.rest.openai.described import CHAT, CHAT_ANSWER, answering
from hub.server.rest.openai.desk import Desk, Visit
from hub.server.rest.openai.events import Events, events
from hub.server.rest.openai.fan import each
from hub.server.rest.openai.logprobs import chat_logprobs
from hub.server.route import Route
from hub.server.web import body, json


class ChatRoutes:
    """Goes on with a chat."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        return (
            Route(method="POST", path="/v1/chat/completions", handler=self._answer, needs=Needs.MODEL, body=CHAT,
                  summary="Go on with a chat, as OpenAI's API does; with stream in server-sent events.",
                  answers=answering(CHAT_ANSWER, streams=True)),
        )  # fmt: skip

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        data = await body(request)
        asked = read_chat(data, self._desk.backend.capabilities)
        model = self._desk.model(asked.wanted.model)
        async with self._desk.visit(request, model, "chat", len(asked.requests)) as visit:
            answer = _Answer(self._desk.backend, asked, visit)
            return await (answer.stream(request) if asked.wanted.stream else answer.whole())


class _Answer:
    """The choices of one answer, as they are written."""

    def __init__(self, backend: InferenceBackend, asked: AskedChat, visit: Visit) -> None:
        self._runs = [partial(backend.chat, one) for one in asked.requests]
        self._asked = asked
        self._visit = visit
        self._choices = [Choice() for _ in asked.requests]

    async def whole(self) -> web.Response:
        await each(self._runs, self._add)
        choices = [self._choice(number, choice) for number, choice in enumerate(self._choices)]
        return json(self._envelope("chat.completion").holding(choices, usage=self._usage()))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        async with events(request, self._visit) as out:
            await each(self._runs, partial(self._send, out))
            if self._asked.wanted.usage:
                await out.send(self._chunk([], usage=self._usage()))
            await out.end()
        return out.response or web.Response(status=500)

    async def _add(self, number: int, delta: ChatDelta) -> None:
        choice = self._choices[number]
        choice.add(delta)
        if delta.usage is not None:
            self._visit.usages.append(delta.usage)

    async def _send(self, out: Events, number: int, delta: ChatDelta) -> None:
        first = not self._choices[number].texts
        await self._add(number, delta)
        said = self._delta(delta)
        if first:
            await out.send(self._part(number, {"role": "assistant", "content": "", "refusal": None}))
        if said or delta.tokens or delta.finish:
            await out.send(self._part(number, said, delta))

    def _delta(self, delta: ChatDelta) -> dict[str, Any]:
        calls = self._allowed(delta.calls)
        return {
            **({"content": delta.text} if delta.text else {}),
            **({"tool_calls": call_parts(calls)} if calls else {}),
        }

    def _allowed(self, calls: Iterable[CallDelta]) -> list[CallDelta]:
        return [call for call in calls if self._asked.tools.several or call.index == 0]

    def _part(self, number: int, said: Mapping[str, Any], delta: ChatDelta | None = None) -> dict[str, Any]:
        tokens = delta.tokens if delta else ()
        choice = {
            "index": number,
            "delta": said,
            "logprobs": chat_logprobs(tokens) if tokens and self._wants_tokens else None,
            "finish_reason": delta.finish if delta else None,
        }
        return self._chunk([choice], **({"usage": None} if self._asked.wanted.usage else {}))

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return self._envelope("chat.completion.chunk").holding(choices, **more)

    def _choice(self, number: int, choice: Choice) -> dict[str, Any]:
        calls = [call for index, call in sorted(choice.calls.items()) if self._asked.tools.several or index == 0]
        message = {"role": "assistant", "content": choice.text or (None if calls else ""), "refusal": None}
        return {
            "index": number,
            "message": {**message, **({"tool_calls": calls} if calls else {})},
            "logprobs": chat_logprobs(choice.tokens) if self._wants_tokens else None,
            "finish_reason": choice.finish,
        }

    @property
    def _wants_tokens(self) -> bool:
        return self._asked.requests[0].candidates is not None

    def _usage(self) -> dict[str, Any]:
        return usage_of((choice.usage for choice in self._choices), each_prompt=self._asked.wanted.choices)

    def _envelope(self, kind: str) -> Envelope:
        visit = self._visit
        return Envelope(id=f"chatcmpl-{visit.id}", kind=kind, created=visit.created, model=visit.model)
