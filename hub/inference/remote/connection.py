"""HTTP to a server: one session, its limits, and its failures in the hub's words."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from hub.errors import InferenceError, InvalidInput, ModelUnavailable, WorkerDied
from hub.inference.remote.decoding import failure
from hub.inference.remote.events import EventReader

MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer that is no stream: the longest are the embeddings of many texts."""
_MAX_REFUSAL = 64 * 1024
_CONNECTING = 10.0
_CONNECTIONS = 64
_DONE = b"[DONE]"
_PART = 64 * 1024


class Connection:
    """Talks to the server whose API is at ``root``. The token is in no message and no log."""

    def __init__(self, root: str, token: str | None, session: aiohttp.ClientSession) -> None:
        self._root = root
        self._token = token
        self._session = session

    @classmethod
    @asynccontextmanager
    async def opened(cls, root: str, token: str | None) -> AsyncIterator[Connection]:
        """Open a session for the time of the block."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECTING)
        # No connection is used twice: servers close idle ones just when the next request is written, and it must not be lost.
        connector = aiohttp.TCPConnector(limit=_CONNECTIONS, force_close=True)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(timeout=limits, connector=connector, cookie_jar=jar) as session:
            yield cls(root, token, session)

    async def get(self, path: str) -> Any:
        """Return the JSON at a path below the API, or of the server if it begins with a slash.

        Raises InferenceError.
        """
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the answer to a request.

        Raises InferenceError.
        """
        return await self._ask("POST", path, body)

    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Any]:
        """Yield the events of an answer. Closing the iterator, or cancelling, closes the connection.

        Raises InferenceError.
        """
        reader = EventReader()
        async with self._sent("POST", path, body) as response:
            if response.content_type != "text/event-stream":
                raise ModelUnavailable(f"Expected a stream of events of the server, got {response.content_type}")
            while part := await self._part(response):
                for data in reader.feed(part):
                    if data == _DONE:
                        return
                    yield _parsed(data)

    async def _part(self, response: aiohttp.ClientResponse) -> bytes:
        with _translated(WorkerDied, "The connection to the server broke in the middle of an answer"):
            return await response.content.readany()

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        async with self._sent(method, path, body) as response:
            return _parsed(await self._body(response, MAX_BODY))

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        base = urlsplit(self._root)
        url = f"{base.scheme}://{base.netloc}{path}" if path.startswith("/") else f"{self._root}/{path}"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        with _translated(ModelUnavailable, "The server cannot be reached"):
            response = await self._session.request(method, url, json=body, headers=headers, allow_redirects=False)
        try:
            if response.status != 200:
                raise await self._refusal(response)
            yield response
        finally:
            response.close()  # and with it the connection, unless the answer was read to its end

    async def _refusal(self, response: aiohttp.ClientResponse) -> InferenceError:
        text = (await self._body(response, _MAX_REFUSAL)).decode(errors="replace")
        if self._token:
            text = text.replace(self._token, "***")
        try:
            return failure(response.status, json.loads(text))
        except (ValueError, RecursionError):
            return failure(response.status, text)

    async def _body(self, response: aiohttp.ClientResponse, limit: int) -> bytes:
        body = bytearray()
        with _translated(WorkerDied, "The connection to the server broke in the middle of an answer"):
            async for part in response.content.iter_chunked(_PART):
                body += part
                if len(body) > limit:
                    raise ModelUnavailable(f"Expected an answer of at most {limit} bytes of the server, got more")
        return bytes(body)


def root_of(url: str) -> str:
    """Return where a server's API is: ``http://box:8000`` and ``http://box:8000/v1/`` mean the same.

    Raises InvalidInput for anything else than an http address without a user's name.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.query
    except ValueError:
        usable = None
    if not usable:
        raise InvalidInput(
            "Expected the address of a server such as http://box:8000/v1, without a user's name; a token is given apart"
        )
    root = url.rstrip("/")
    return root if root.endswith("/v1") else f"{root}/v1"


@contextmanager
def _translated(kind: type[InferenceError], what: str) -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        raise kind(f"{what}: {str(error) or type(error).__name__}") from error


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ModelUnavailable(f"Expected JSON of the server, got {data[:80]!r}") from None
