"""Commands on the logbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.core.bus import ALL, EventBus
from hub.core.clock import Clock
from hub.core.events import AnyEvent
from hub.core.registry import Registries
from hub.server.logbook import Logbook, Writer, happening_of
from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection
from hub.server.websocket.history import timestamp


class LogbookCommands:
    """``logbook/get_events`` and ``logbook/event_stream``."""

    def __init__(self, logbook: Logbook, registries: Registries, bus: EventBus, clock: Clock) -> None:
        self._logbook = logbook
        self._registries = registries
        self._bus = bus
        self._clock = clock

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        fields = {vol.Required("start_time"): str, "end_time": str, "entity_ids": [str], "device_ids": [str]}
        return (
            Command(name="logbook/get_events", needs=Needs.LOGIN, handler=self._get, fields={**fields, "context_id": str},
                    summary="List what happened, in words."),
            Command(name="logbook/event_stream", needs=Needs.LOGIN, handler=self._stream, fields=fields,
                    summary="List what happened, and then follow what happens."),
        )  # fmt: skip

    async def _get(self, connection: Connection, message: dict[str, Any]) -> Any:
        start, end = self._times(message)
        return await self._logbook.rows(
            start,
            end,
            sight=connection.sight,
            entity_ids=self._wanted(message),
            context_id=message.get("context_id"),
        )

    async def _stream(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, (start, end), wanted = message["id"], self._times(message), self._wanted(message)
        stream = _Stream(connection, id_, self._logbook.writer(wanted, sight=connection.sight))
        now = self._clock.time()
        if "end_time" not in message or end > now:
            connection.subscribe(id_, self._bus.listen(ALL, stream.hear))
        until = min(end, now)
        rows = await self._logbook.rows(start, until, sight=connection.sight, entity_ids=wanted)
        connection.result(id_)
        connection.event(id_, {"events": rows, "start_time": start, "end_time": until})
        stream.go_on(since=until)
        return ANSWERED

    def _times(self, message: dict[str, Any]) -> tuple[float, float]:
        end = timestamp(message["end_time"]) if "end_time" in message else self._clock.time()
        return timestamp(message["start_time"]), end

    def _wanted(self, message: dict[str, Any]) -> list[str] | None:
        if "entity_ids" not in message and "device_ids" not in message:
            return None
        devices = message.get("device_ids", ())
        of_devices = [entity.entity_id for device in devices for entity in self._registries.entities.of_device(device)]
        return [*message.get("entity_ids", ()), *of_devices]


class _Stream:
    """What happens, passed on; it waits until what was recorded has been sent."""

    def __init__(self, connection: Connection, id_: int, writer: Writer) -> None:
        self._connection = connection
        self._id = id_
        self._writer = writer
        self._waiting: list[AnyEvent] | None = []

    def hear(self, event: AnyEvent) -> None:
        if self._waiting is not None:
            self._waiting.append(event)
            return
        happening = happening_of(event)
        if happening is not None and (rows := self._writer.rows([happening])):
            self._connection.event(self._id, {"events": rows})

    def go_on(self, since: float) -> None:
        waited, self._waiting = self._waiting or [], None
        for event in waited:
            if event.time >= since:
                self.hear(event)
