"""A server that speaks OpenAI's API over real sockets, and does to each prompt what its first word says."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from hub.core.inference import InferenceBackend
from hub.inference.remote import BackendPool, RemoteBackend

TOKEN = "sk-very-secret"
_LIKELY = {"": {"on": 0.6, "o": 0.2, " no": 0.15}, "o": {"ff": 0.7, "n": 0.1}}


class Peer:
    """Counts and keeps what it was asked; ``hung_up`` is set when a client leaves an answer, ``behave`` overrules prompts."""

    def __init__(
        self, *, owner: str = "someone", models: tuple[str, ...] = ("tiny",), probabilities: bool = True
    ) -> None:
        self.owner = owner
        self.models = models
        self.probabilities = probabilities
        self.behave: str | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tokens: set[str | None] = set()
        self.hung_up = asyncio.Event()
        self.answering = asyncio.Event()
        self.url = ""
        self._site: web.TCPSite | None = None

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[Peer]:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/version", self._version)
        app.router.add_post("/v1/{path:.*}", self._answer)
        app.router.add_post("/tokenize", self._tokenize)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self.tokens.add(request.headers.get("Authorization"))
        match self.behave:
            case "away":
                return web.json_response({"error": {"message": "not now"}}, status=503)
            case "nonsense":
                return web.json_response(["no", "models"])
        rows = [
            {"id": model, "object": "model", "owned_by": self.owner, "max_model_len": 4096} for model in self.models
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _version(self, request: web.Request) -> web.StreamResponse:
        if self.owner != "vllm":
            raise web.HTTPNotFound
        return web.json_response({"version": "0.10.2"})

    async def _tokenize(self, request: web.Request) -> web.StreamResponse:
        data = await request.json()
        return web.json_response(
            {"tokens": [1000 if data["parse_special"] else ord(letter) for letter in data["content"]]}
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        path = request.match_info["path"]
        self.asked.append((path, body))
        self.tokens.add(request.headers.get("Authorization"))
        if path == "embeddings":
            rows = [{"index": at, "embedding": [3.0, 4.0 * at]} for at in range(len(body["input"]))]
            return web.json_response({"data": rows[::-1], "usage": {"prompt_tokens": 7}})
        prompt = body["prompt"] if path == "completions" else body["messages"][-1]["content"]
        word = self.behave or (prompt.split() or ["hello"])[0] if isinstance(prompt, str) else "tokens"
        return await self._do(request, word, path, body)

    async def _do(self, request: web.Request, word: str, path: str, body: dict[str, Any]) -> web.StreamResponse:
        refusals: dict[str, tuple[int, Any]] = {
            "broken": (500, {"error": {"message": f"it broke for Bearer {TOKEN}"}}),
            "busy": (429, {"error": {"message": "too many"}}),
            "stranger": (401, {"error": {"message": "who?"}}),
            "bad": (400, {"error": {"message": "no such field", "type": "invalid_request_error"}}),
            "long": (400, {"error": {"message": "too long", "code": "context_length_exceeded"}}),
            "llamalong": (
                400,
                {
                    "error": {
                        "message": "request exceeds the available context size",
                        "type": "exceed_context_size_error",
                    }
                },
            ),
        }
        if word in refusals:
            status, data = refusals[word]
            return web.json_response(data, status=status)
        if word == "moved":
            raise web.HTTPTemporaryRedirect("/v1/elsewhere")
        if word == "page":
            return web.Response(text="<html>", content_type="text/html")
        if word == "silent":
            await self._wait_for_hanging_up()
        return await self._streamed(request, word, path, body)

    async def _streamed(self, request: web.Request, word: str, path: str, body: dict[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": a comment\n\n")
        for data in self._events(word, path, body):
            await response.write(f"data: {data}\r\n\r\n".encode())
        self.answering.set()
        match word:
            case "hang":
                await self._wait_for_hanging_up()
            case "drop":
                assert request.transport is not None
                request.transport.abort()
            case "endless":
                await response.write(b"data: " + b"x" * (2 * 1024 * 1024))
        if word not in ("short", "drop"):
            await response.write(b"data: [DONE]\n\n")
        return response

    def _events(self, word: str, path: str, body: dict[str, Any]) -> list[str]:
        chat = path == "chat/completions"
        said: Callable[[str], dict[str, Any]] = lambda text: {"delta": {"content": text}} if chat else {"text": text}  # noqa: E731
        if word == "garbage":
            return ["{not json"]
        if word == "shapeless":
            return ['{"choices": [{"delta": 7, "text": {}}]}', "[1]"]
        if word == "failing":
            return [_chunk(said("It ")), json.dumps({"error": {"message": "lost", "code": "worker_died"}})]
        if word in ("hang", "drop", "short"):
            return [_chunk(said("It "))]
        if "logprobs" in body and self.probabilities:
            return [_chunk({**said("on"), **_logprobs(body, chat)}), _end("length")]
        if body.get("tools") and word == "call":
            return _called()
        return [_chunk(said("It ")), _chunk(said("is on.")), _end("stop"), json.dumps({"choices": [], "usage": _USAGE})]

    async def _wait_for_hanging_up(self) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.hung_up.set()


_USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}}


def _chunk(choice: dict[str, Any]) -> str:
    return json.dumps({"choices": [{"index": 0, "finish_reason": None, **choice}]})


def _end(reason: str) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {}, "text": "", "finish_reason": reason}]})


def _called() -> list[str]:
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "light_turn_on", "arguments": ""}}
    parts = [{"index": 0, "function": {"arguments": part}} for part in ('{"entity": ', '"light.hall"}')]
    second = {"index": 1, "id": None, "function": {"name": "scene.stop", "arguments": "{}"}}
    return [*(_chunk({"delta": {"tool_calls": [call]}}) for call in (first, *parts, second)), _end("tool_calls")]


def _logprobs(body: dict[str, Any], chat: bool) -> dict[str, Any]:
    prompt = "" if chat else body["prompt"]
    begun = "o" if prompt.endswith("o") else ""
    logs = {text: math.log(share) for text, share in _LIKELY[begun].items()}
    best = max(logs, key=lambda text: logs[text])
    if chat:
        top = [{"token": text, "logprob": value} for text, value in logs.items()]
        return {"logprobs": {"content": [{"token": best, "logprob": logs[best], "top_logprobs": top}]}}
    return {"logprobs": {"tokens": [best], "token_logprobs": [logs[best]], "top_logprobs": [logs]}}


@asynccontextmanager
async def running(backend: RemoteBackend | BackendPool) -> AsyncIterator[None]:
    """Look after servers for the time of the block."""
    task = asyncio.create_task(backend.run(), name="inference")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a status is asked for, it is no event
            await asyncio.sleep(0.005)


def is_backend(backend: InferenceBackend) -> InferenceBackend:
    """Have the type checker compare a class with the protocol."""
    return backend
