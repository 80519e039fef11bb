"""A connection to Home Assistant's WebSocket API."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import aiohttp
from yarl import URL

from hearth_home_assistant.codec import Message, decode, encode, refusal
from hearth_home_assistant.config import Settings
from hub import ActionTimeout, ConnectionLost

_OPEN_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_HEARTBEAT_SECONDS = 30.0
_LARGEST_FRAME = 64 * 1024 * 1024  # the registries of a large home are some megabytes


Listener = Callable[[Mapping[str, Any]], None]


class TokenRefused(ConnectionLost):
    """Home Assistant does not accept the token: trying again soon would not help."""


class Connection:
    """Commands and their answers, subscriptions and their events. ``read`` has to run meanwhile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, url: URL) -> None:
        self._url = url
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Listener] = {}

    async def introduce(self) -> Mapping[str, Any]:
        """Return Home Assistant's configuration, on a connection that nobody reads yet; raises ConnectionLost."""
        await self._socket.send_str(encode({"id": next(self._ids), "type": "get_config"}))
        answer = await _next(self._socket, self._url)
        config: Mapping[str, Any] = answer.get("result") or {}
        return config

    async def ask(self, type: str, *, seconds: float = _ANSWER_SECONDS, **fields: Any) -> Any:  # noqa: A002 - its name
        """Send a command and return its result.

        Raises DeviceRefused if Home Assistant says no, ActionTimeout if it says nothing, ConnectionLost.
        """
        return await self._send(next(self._ids), type, seconds, fields)

    async def subscribe(self, listener: Listener, type: str, **fields: Any) -> None:  # noqa: A002
        """Send a command that subscribes, and pass each event to ``listener``; raises as ``ask`` does."""
        number = next(self._ids)
        self._listeners[number] = listener
        await self._send(number, type, _ANSWER_SECONDS, fields)

    async def read(self) -> None:
        """Take what Home Assistant sends. Ends only by raising ConnectionLost; nobody waits for an answer then."""
        try:
            async for frame in self._socket:
                if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    for message in decode(frame.data):
                        self._take(message)
            raise ConnectionLost(f"Home Assistant closed the connection ({_why(self._socket)})")
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionLost("Home Assistant closed the connection before it answered"))
                    future.exception()  # whoever asked may be gone

    async def _send(self, number: int, type: str, seconds: float, fields: Mapping[str, Any]) -> Any:  # noqa: A002
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(seconds):
                await self._socket.send_str(encode({"id": number, "type": type, **fields}))
                return await future
        except TimeoutError:
            raise ActionTimeout(f"Home Assistant did not answer {type} within {seconds:g} s") from None
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ConnectionLost(f"Home Assistant cannot be reached: {error}") from error
        finally:
            del self._waiting[number]

    def _take(self, message: Message) -> None:
        number = message.get("id", 0)
        if message["type"] == "event":
            listener = self._listeners.get(number)
            if listener is not None:
                listener(message["event"])
            return
        future = self._waiting.get(number)
        if future is None or future.done():
            return
        if message["type"] == "result" and not message.get("success"):
            future.set_exception(refusal(message.get("error") or {}))
        else:
            future.set_result(message.get("result"))


@asynccontextmanager
async def connected(session: aiohttp.ClientSession, settings: Settings) -> AsyncIterator[Connection]:
    """Connect and authenticate for the time of the block.

    Raises ConnectionLost if Home Assistant cannot be reached, TokenRefused if it does not accept the token.
    """
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            socket = await session.ws_connect(
                settings.url / "api" / "websocket",
                ssl=tls(settings),
                heartbeat=_HEARTBEAT_SECONDS,
                max_msg_size=_LARGEST_FRAME,
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise ConnectionLost(f"Expected Home Assistant at {settings.url}, got no answer ({reason})") from error
    async with socket:
        await _authenticate(socket, settings)
        yield Connection(socket, settings.url)


def client_session() -> aiohttp.ClientSession:
    """Return a session that finds names as the system does: c-ares, where it is installed, knows no ``.local``."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver()))


def tls(settings: Settings) -> ssl.SSLContext | bool:
    """Return how the server's certificate is checked; TLS 1.3 only.

    Raises ConnectionLost if the file of certificates cannot be read.
    """
    if settings.url.scheme != "https":
        return True
    try:
        return _context(settings.ca)
    except OSError as error:
        raise ConnectionLost(f"Expected a file of certificates, got {settings.ca} ({error})") from error


@cache
def _context(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


async def _authenticate(socket: aiohttp.ClientWebSocketResponse, settings: Settings) -> None:
    greeting = await _next(socket, settings.url)
    if greeting["type"] != "auth_required":
        raise ConnectionLost(f"Expected Home Assistant at {settings.url}, got something else")
    await socket.send_str(encode({"type": "auth", "access_token": settings.token}))
    answer = await _next(socket, settings.url)
    if answer["type"] != "auth_ok":
        words = answer.get("message") or answer["type"]
        raise TokenRefused(f"Home Assistant at {settings.url} does not accept the token: {words}")


async def _next(socket: aiohttp.ClientWebSocketResponse, url: URL) -> Message:
    try:
        frame = await socket.receive(_OPEN_SECONDS)
    except TimeoutError:
        raise ConnectionLost(f"Home Assistant at {url} said nothing for {_OPEN_SECONDS:g} s") from None
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise ConnectionLost(f"Home Assistant at {url} closed the connection ({_why(socket)})")
    return decode(frame.data)[0]


def _why(socket: aiohttp.ClientWebSocketResponse) -> str:
    error = socket.exception()
    return str(error) or type(error).__name__ if error is not None else f"code {socket.close_code}"
