"""What a child does when it is told: actions, messages, pictures, triggers, connections, questions."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Mapping
from inspect import isawaitable
from typing import Any

import voluptuous as vol

from hub.adapters.interfaces import (
    Actuator,
    EntityCall,
    FoundService,
    Integration,
    Listener,
    Message,
    Messenger,
    PictureSource,
)
from hub.adapters.isolation import doors, failures
from hub.adapters.isolation.frames import Frame
from hub.adapters.isolation.mouth import Mouth
from hub.adapters.isolation.proxy import HostProxy
from hub.adapters.isolation.values import remade
from hub.core.bus import Unlisten
from hub.errors import AdapterError, DeviceRefused, HubError, InvalidInput

_log = logging.getLogger(__name__)
Values = Mapping[str, Any]
Answer = tuple[Values, bytes]


class Duties:
    """The requests to one integration and to its adapter, if there is one."""

    def __init__(
        self,
        integration: Integration,
        adapter: object,
        host: HostProxy,
        mouth: Mouth,
        passed: socket.socket,
        group: asyncio.TaskGroup,
    ) -> None:
        self._integration = integration
        self._adapter = adapter
        self._host = host
        self._mouth = mouth
        self._passed = passed
        self._group = group
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._listening: dict[int, Unlisten] = {}
        self._works: Mapping[str, Callable[[Values], Coroutine[Any, Any, Answer]]] = {
            "execute": self._execute,
            "send_message": self._send_message,
            "picture": self._picture,
            "probe": self._probe,
            "recognise": self._recognise,
        }

    def hear(self, frame: Frame) -> None:
        """Begin what a frame asks for; the answer follows."""
        if frame.kind in self._works:
            work = self._answer(frame.number, self._works[frame.kind](frame.values))
            task = self._tasks[frame.number] = self._group.create_task(work, name=f"{frame.kind}:{frame.number}")
            task.add_done_callback(lambda _: self._tasks.pop(frame.number, None))
            return
        match frame.kind:
            case "cancel" if frame.number in self._tasks:
                self._tasks[frame.number].cancel()
            case "listen":
                self._listen(frame.number, frame.values["spec"])
            case "unlisten" if frame.number in self._listening:
                self._listening.pop(frame.number)()
            case "authenticated":
                self._host.authenticated(frame.number, frame.values)
            case "unauthenticated":
                self._host.unauthenticated(frame.number, frame.values)
            case "revoked":
                self._host.revoked(frame.number)
            case "connection":
                self._group.create_task(self._welcome(frame.values["protocol"], frame.content), name="connection")

    def cancel(self) -> None:
        """Leave everything as it is."""
        for task in self._tasks.values():
            task.cancel()

    async def _answer(self, number: int, work: Coroutine[Any, Any, Answer]) -> None:
        try:
            values, content = await work
            self._mouth.say("answer", values, number=number, content=content)
        except HubError as error:
            self._mouth.say("failed", failures.written(error), number=number)
        except Exception as error:  # noqa: BLE001 - boundary: a defect fails its request only
            _log.exception("%s failed", self._integration.manifest.name)
            message = f"The adapter failed: {type(error).__name__}: {error}"
            self._mouth.say("failed", failures.written(AdapterError(message)), number=number)

    async def _execute(self, values: Values) -> Answer:
        if not isinstance(self._adapter, Actuator):
            raise DeviceRefused(f"{self._integration.manifest.name} carries out no actions")
        call = remade(EntityCall, {**values, "data": self._checked(values)})
        return {"response": await self._adapter.execute(call)}, b""

    def _checked(self, values: Values) -> Values:
        """Return an action's data; fields that functions of the integration check are checked here."""
        data: Values = values["data"]
        own = next((action for action in self._integration.actions if action.full_name == values["action"]), None)
        if own is None or not any(field.validate for field in own.fields):
            return data
        return own.validate(data)

    async def _send_message(self, values: Values) -> Answer:
        assert isinstance(self._adapter, Messenger)
        return {"taken": await self._adapter.send_message(remade(Message, values))}, b""

    async def _picture(self, values: Values) -> Answer:
        assert isinstance(self._adapter, PictureSource)
        picture = await self._adapter.picture(values["unique_id"])
        return (
            ({"content_type": None}, b"")
            if picture is None
            else ({"content_type": picture.content_type}, picture.content)
        )

    async def _probe(self, values: Values) -> Answer:
        assert self._integration.probe is not None
        checked = _fields_checked(self._integration, values["values"])
        probed = await self._integration.probe(checked)
        try:
            self._integration.config_schema(dict(probed.data))
        except vol.Invalid as error:
            message = f"made an entry that is not valid ({error}): this is a defect of the integration"
            raise AdapterError(f"{self._integration.manifest.name} {message}") from None
        return {"title": probed.title, "unique_id": probed.unique_id, "data": probed.data}, b""

    async def _recognise(self, values: Values) -> Answer:
        assert self._integration.from_service is not None
        found = self._integration.from_service(remade(FoundService, values))
        return {"device": await found if isawaitable(found) else found}, b""

    def _listen(self, number: int, spec: Values) -> None:
        if not isinstance(self._adapter, Listener):
            return

        def fire(variables: Values) -> None:
            self._mouth.say("fired", {"variables": variables}, number=number)

        try:
            self._listening[number] = self._adapter.listen(spec, fire)
        except InvalidInput as error:
            self._mouth.say("unheard", failures.written(error), number=number)

    async def _welcome(self, protocol: str, read: bytes) -> None:
        connection = doors.take(self._passed)
        arrival = self._host.arrival(protocol, read)
        if arrival is None:
            connection.close()
            return
        connection.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(arrival, connection)


def _fields_checked(integration: Integration, values: Values) -> Values:
    """Return a form's values; fields that functions of the integration check are checked here."""
    checked = dict(values)
    for field in integration.form:
        if field.validate is not None and field.name in checked:
            try:
                checked[field.name] = field.validate(checked[field.name])
            except vol.Invalid as error:
                raise InvalidInput(str(error), path=(field.name,)) from None
    return checked
