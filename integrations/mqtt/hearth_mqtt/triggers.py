"""The ``mqtt`` trigger of automations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.bus import MessageBus, Received, Unlisten
from hearth_mqtt.topics import is_filter
from hub import InvalidInput, TemplateError

Fire = Callable[[Mapping[str, Any]], None]
Render = Callable[[str, Mapping[str, Any]], Any]


def _filter(value: Any) -> str:
    if isinstance(value, str) and is_filter(value):
        return value
    raise vol.Invalid(f"expected a topic, with + or # as wildcards, got {value!r}")


def _encoding(value: Any) -> str:
    try:
        "".encode(value or "latin-1")
    except (LookupError, TypeError):
        raise vol.Invalid(f"expected an encoding such as utf-8, got {value!r}") from None
    return value or "latin-1"


_SCHEMA = vol.Schema(
    {
        vol.Required("topic"): _filter,
        vol.Optional("payload", default=None): vol.Any(str, int, float, None),
        vol.Optional("value_template", default=None): vol.Any(str, None),
        vol.Optional("encoding", default="utf-8"): _encoding,
        vol.Optional("qos", default=0): vol.All(vol.Coerce(int), vol.In([0, 1, 2])),
    }
)
_COMMON = frozenset({"platform", "trigger", "id", "alias", "enabled", "variables"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttTrigger:
    """What a message must be like. ``encoding`` "" in a spec leaves bytes as they are: each becomes the character it numbers."""

    topic: str
    payload: str | None
    value_template: str | None
    encoding: str
    qos: int

    @staticmethod
    def parse(spec: Mapping[str, Any]) -> MqttTrigger:
        """Return the trigger that ``spec`` describes with Home Assistant's keys.

        Raises InvalidInput.
        """
        try:
            checked = _SCHEMA({key: value for key, value in spec.items() if key not in _COMMON})
        except vol.Invalid as error:
            raise InvalidInput(f"{error} for the mqtt trigger", path=tuple(map(str, error.path))) from None
        payload = checked.pop("payload")
        return MqttTrigger(payload=None if payload is None else str(payload), **checked)

    def variables(self, message: Received, render: Render) -> dict[str, Any] | None:
        """Return the trigger's variables, or None if the message does not fit.

        What a broker had retained is old news, and does not fit.
        """
        payload = self._decode(message.payload)
        if message.retain or payload is None:
            return None
        parsed = _json(payload)
        if self.payload is not None and self._value(payload, parsed, render) != self.payload:
            return None
        found = {"platform": "mqtt", "topic": message.topic, "payload": payload, "qos": message.qos, **parsed}
        return found | {"description": f"mqtt topic {message.topic}"}

    def _decode(self, payload: bytes) -> str | None:
        try:
            return payload.decode(self.encoding)
        except ValueError:
            return None

    def _value(self, payload: str, parsed: Mapping[str, Any], render: Render) -> str | None:
        if self.value_template is None:
            return payload
        variables = {"value": payload, "value_json": parsed.get("payload_json")}
        try:
            return str(render(self.value_template, variables))
        except TemplateError:
            return None


def _json(payload: str) -> dict[str, Any]:
    try:
        return {"payload_json": orjson.loads(payload)}
    except orjson.JSONDecodeError:
        return {}


class Triggers:
    """The triggers in use. They outlive the bus: each new one is subscribed to when it is attached."""

    def __init__(self) -> None:
        self._used: dict[object, tuple[MqttTrigger, Fire]] = {}
        self._subscribed: dict[object, Unlisten] = {}
        self._bus: MessageBus | None = None
        self._render: Render | None = None

    def add(self, trigger: MqttTrigger, fire: Fire) -> Unlisten:
        """Call ``fire`` with the variables of each message that fits, until the returned function is called."""
        key = object()
        self._used[key] = (trigger, fire)
        self._subscribe(key)

        def unlisten() -> None:
            self._used.pop(key, None)
            self._unsubscribe(key)

        return unlisten

    def attach(self, bus: MessageBus, render: Render) -> None:
        """Listen on this bus."""
        self._bus, self._render = bus, render
        for key in list(self._used):
            self._subscribe(key)

    def detach(self) -> None:
        """The bus is gone."""
        self._bus = self._render = None
        for key in list(self._subscribed):
            self._unsubscribe(key)

    def _subscribe(self, key: object) -> None:
        if self._bus is None or self._render is None:
            return
        (trigger, fire), render = self._used[key], self._render

        def on_message(message: Received) -> None:
            variables = trigger.variables(message, render)
            if variables is not None:
                fire(variables)

        self._subscribed[key] = self._bus.subscribe(trigger.topic, on_message, qos=trigger.qos)

    def _unsubscribe(self, key: object) -> None:
        unlisten = self._subscribed.pop(key, None)
        if unlisten is not None:
            unlisten()
