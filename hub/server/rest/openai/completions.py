"""``/v1/completions``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from aiohttp import web

from hub.core.inference import Delta, InferenceBackend, Token
from hub.server.needs import Needs
from hub.server.rest.openai.answers import Choice, Envelope, usage_of
from hub.server.rest.openai.asking import AskedCompletion, read_completion
from hub.server.rest.openai.described import COMPLETION, COMPLETION_ANSWER, answering
from hub.server.rest.openai.desk import Desk, Visit
from hub.server.rest.openai.events import Events, events
from hub.server.rest.openai.fan import AT_ONCE, each
from hub.server.rest.openai.logprobs import completion_logprobs
from hub.server.route import Route
from hub.server.web import body, json


class CompletionRoutes:
    """Goes on with prompts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        return (
            Route(method="POST", path="/v1/completions", handler=self._answer, needs=Needs.MODEL, body=COMPLETION,
                  summary="Go on with prompts, as OpenAI's API does; with stream in server-sent events.",
                  answers=answering(COMPLETION_ANSWER, streams=True)),
        )  # fmt: skip

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        data = await body(request)
        asked = read_completion(data, self._desk.backend.capabilities)
        model = self._desk.model(asked.wanted.model)
        async with self._desk.visit(request, model, "completion", min(len(asked.requests), AT_ONCE)) as visit:
            answer = _Answer(self._desk.backend, asked, visit)
            return await (answer.stream(request) if asked.wanted.stream else answer.whole())


class _Answer:
    """The choices of one answer, as they are written."""

    def __init__(self, backend: InferenceBackend, asked: AskedCompletion, visit: Visit) -> None:
        self._runs = [partial(backend.generate, one) for one in asked.requests]
        self._asked = asked
        self._visit = visit
        self._choices = [Choice() for _ in asked.requests]

    async def whole(self) -> web.Response:
        await each(self._runs, self._add)
        choices = [
            self._choice(number, self._echo(number) + choice.text, choice.tokens, 0, choice.finish)
            for number, choice in enumerate(self._choices)
        ]
        return json(self._holding(choices, usage=self._usage()))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        async with events(request, self._visit) as out:
            await each(self._runs, partial(self._send, out))
            if self._asked.wanted.usage:
                await out.send(self._holding([], usage=self._usage()))
            await out.end()
        return out.response or web.Response(status=500)

    async def _add(self, number: int, delta: Delta) -> None:
        self._choices[number].add(delta)
        if delta.usage is not None:
            self._visit.usages.append(delta.usage)

    async def _send(self, out: Events, number: int, delta: Delta) -> None:
        choice = self._choices[number]
        before, first = choice.size, not choice.texts
        await self._add(number, delta)
        text = (self._echo(number) if first else "") + delta.text
        if text or delta.tokens or delta.finish:
            part = self._choice(number, text, delta.tokens, before, delta.finish)
            await out.send(self._holding([part], **({"usage": None} if self._asked.wanted.usage else {})))

    def _choice(
        self, number: int, text: str, tokens: Iterable[Token], offset: int, finish: str | None
    ) -> dict[str, Any]:
        wants = self._asked.requests[0].candidates is not None
        logprobs = completion_logprobs(tokens, offset) if wants else None
        return {"index": number, "text": text, "logprobs": logprobs, "finish_reason": finish}

    def _echo(self, number: int) -> str:
        return str(self._asked.requests[number].prompt) if self._asked.echo else ""

    def _usage(self) -> dict[str, Any]:
        return usage_of((choice.usage for choice in self._choices), each_prompt=self._asked.wanted.choices)

    def _holding(self, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        visit = self._visit
        head = Envelope(id=f"cmpl-{visit.id}", kind="text_completion", created=visit.created, model=visit.model)
        return head.holding(choices, **more)
