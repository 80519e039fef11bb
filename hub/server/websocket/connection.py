"""One WebSocket: the handshake, commands in, messages out."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
import voluptuous as vol
from aiohttp import WSCloseCode, WSMsgType, web

from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.ports import Principal
from hub.errors import HubError, Refused
from hub.security import Sight
from hub.server.needs import ADMINS, permits
from hub.server.websocket.command import ANSWERED, Command, error_of
from hub.server.websocket.outbox import MAX_PENDING, Departures, Outbox

HA_VERSION = "2026.2.3"
"""The version of Home Assistant whose API this is: clients choose their features by it."""
AUTH_TIMEOUT = 10.0
MAX_SUBSCRIPTIONS = 1024
_AUTH = vol.Schema({vol.Required("type"): "auth", vol.Exclusive("access_token", "auth"): str})
_log = logging.getLogger(__name__)


def encode(message: Any) -> bytes:
    """Return a message as JSON."""
    return orjson.dumps(message, default=str, option=orjson.OPT_NON_STR_KEYS)


class Connection:
    """A client that has proved who it is. Messages wait in a bounded queue; a client that does not read is dropped.

    ``sight`` is what its user may see: whatever a command reads goes through it.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        departures: Departures,
        principal: Principal,
        sight: Sight,
        commands: Mapping[str, Command],
    ) -> None:
        self.principal = principal
        self.sight = sight
        self.subscriptions: dict[int, Callable[[], None]] = {}
        self.outbox = Outbox(transport, departures, self._overflowed)
        self._socket = socket
        self._commands = commands
        self._ended = asyncio.Event()
        self._last_id = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def admin(self) -> bool:
        """True for the owner and admins."""
        return self.principal.role in ADMINS

    @property
    def caller(self) -> Caller:
        """The client's user, as the caller of actions."""
        return Caller.user(self.principal.user_id)

    def context(self) -> Context:
        """Return a new context: this user did it."""
        return Context("user", user_id=self.principal.user_id)

    def send(self, message: bytes) -> None:
        """Queue an encoded message."""
        self.outbox.put(message)

    def _overflowed(self) -> None:
        _log.warning(
            "%s reads too slowly: %d messages wait, the connection is closed", self.principal.name, MAX_PENDING
        )
        self.close()

    def result(self, id: int, result: Any = None) -> None:  # noqa: A002 - the field's name on the wire
        """Queue the answer to a command."""
        self.send(encode({"id": id, "type": "result", "success": True, "result": result}))

    def event(self, id: int, event: Any) -> None:  # noqa: A002
        """Queue an event of a subscription."""
        self.send(encode({"id": id, "type": "event", "event": event}))

    def error(self, id: int, error: Mapping[str, Any]) -> None:  # noqa: A002
        """Queue the answer to a command that failed."""
        self.send(encode({"id": id, "type": "result", "success": False, "error": error}))

    def subscribe(self, id: int, unsubscribe: Callable[[], None]) -> None:  # noqa: A002
        """Keep what ends a subscription.

        Raises Refused if the client has too many.
        """
        if len(self.subscriptions) >= MAX_SUBSCRIPTIONS:
            unsubscribe()
            raise Refused(f"Expected at most {MAX_SUBSCRIPTIONS} subscriptions on one connection: end some first")
        self.subscriptions[id] = unsubscribe

    def close(self) -> None:
        """End the connection soon; what waits is dropped."""
        self._ended.set()
        self.outbox.close()

    async def run(self) -> None:
        """Answer until the client goes."""
        try:
            async with asyncio.TaskGroup() as group:
                closing = group.create_task(self._close_socket(), name="websocket:closing")
                await self._read(group)
                self.close()
                await asyncio.wait([closing])
                for task in self._tasks:
                    task.cancel()
        finally:
            for unsubscribe in self.subscriptions.values():
                unsubscribe()
            self.subscriptions.clear()

    async def _read(self, group: asyncio.TaskGroup) -> None:
        async for frame in self._socket:
            if self._ended.is_set():
                return
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            try:
                messages = orjson.loads(frame.data)
            except orjson.JSONDecodeError:
                _log.info("%s sent something that is no JSON", self.principal.name)
                return
            for message in messages if isinstance(messages, list) else [messages]:
                self._handle(message, group)

    def _handle(self, message: Any, group: asyncio.TaskGroup) -> None:
        id_ = message.get("id") if isinstance(message, dict) else None
        if not isinstance(id_, int) or isinstance(id_, bool) or not isinstance(message.get("type"), str):
            return self.error(id_ if isinstance(id_, int) else 0, _INCORRECT)
        if id_ <= self._last_id:
            return self.error(id_, {"code": "id_reuse", "message": "Identifier values have to increase."})
        self._last_id = id_
        command = self._commands.get(message["type"])
        if command is None:
            return self.error(id_, {"code": "unknown_command", "message": "Unknown command."})
        if not permits(command.needs, self.principal.role, self.sight):
            return self.error(id_, {"code": "unauthorized", "message": "Unauthorized"})
        try:
            answer = command.handler(self, command.check(message))
        except HubError as failure:
            return self.error(id_, error_of(failure))
        except Exception:  # noqa: BLE001 - boundary: one message's failure must not end the connection
            return self._defect(id_, command.name)
        if not inspect.isawaitable(answer):
            return None if answer is ANSWERED else self.result(id_, answer)
        if len(self._tasks) >= MAX_SUBSCRIPTIONS:
            asyncio.ensure_future(answer).cancel()
            return self.error(id_, {"code": "unknown_error", "message": "Too many commands at once"})
        task = group.create_task(self._answer(id_, command.name, answer), name=f"websocket:{command.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    async def _answer(self, id: int, name: str, answer: Any) -> None:  # noqa: A002
        try:
            result = await answer
        except HubError as failure:
            self.error(id, error_of(failure))
        except Exception:  # noqa: BLE001 - boundary: one message's failure must not end the connection
            self._defect(id, name)
        else:
            if result is not ANSWERED:
                self.result(id, result)

    def _defect(self, id: int, name: str) -> None:  # noqa: A002
        _log.exception("The command %s failed", name)
        self.error(id, {"code": "unknown_error", "message": "Unknown error"})

    async def _close_socket(self) -> None:
        await self._ended.wait()
        with suppress(ConnectionError, RuntimeError):  # the client has gone
            await self._socket.close(code=WSCloseCode.OK)


_INCORRECT = {"code": "invalid_format", "message": "Message incorrectly formatted."}


async def handshake(
    socket: web.WebSocketResponse, principal_for: Callable[[str], Principal | None]
) -> Principal | None:
    """Ask for an access token and return whose it is; None after refusing and closing."""
    await _say(socket, {"type": "auth_required", "ha_version": HA_VERSION})
    problem = "Invalid access token or password"
    try:
        async with asyncio.timeout(AUTH_TIMEOUT):
            token = _AUTH(orjson.loads(await socket.receive_str()))["access_token"]
        principal = principal_for(token)
        if principal is not None:
            await _say(socket, {"type": "auth_ok", "ha_version": HA_VERSION})
            return principal
    except (vol.Invalid, KeyError) as error:
        problem = f"Auth message incorrectly formatted: {error}"
    except (TimeoutError, orjson.JSONDecodeError, TypeError):
        problem = "Auth message incorrectly formatted"
    await _say(socket, {"type": "auth_invalid", "message": problem})
    await socket.close(code=WSCloseCode.OK)
    return None


async def _say(socket: web.WebSocketResponse, message: Mapping[str, Any]) -> None:
    if not socket.closed:
        await socket.send_frame(encode(message), WSMsgType.TEXT)
