"""The action ``mqtt.publish``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.bus import MessageBus
from hub import ActionDescription, Field


def _payload(value: Any) -> str:
    """Return a payload's text. A template that makes a list or mapping means the JSON it was written as."""
    if value is None:
        return ""
    if isinstance(value, (Mapping, list, tuple)):
        return orjson.dumps(value).decode()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise vol.Invalid(f"expected text, a number, or something JSON can hold, got {type(value).__name__}")


def _qos(value: Any) -> int:
    if str(value) not in ("0", "1", "2"):
        raise vol.Invalid(f"expected a QoS of 0, 1 or 2, got {value!r}")
    return int(value)


PUBLISH = ActionDescription(
    domain="mqtt",
    name="publish",
    entity=False,
    description="Publishes a message to an MQTT topic.",
    fields=(
        Field(
            name="topic",
            selector={"text": {}},
            required=True,
            label="Topic",
            description="Topic to publish to.",
            example="homeassistant/hello",
        ),
        Field(
            name="payload",
            selector={"template": {}},
            label="Payload",
            default="",
            description="What to publish; an empty payload clears a retained message.",
            example="The temperature is {{ states('sensor.temperature') }}",
            validate=_payload,
        ),
        Field(
            name="qos",
            selector={"select": {"options": ["0", "1", "2"]}},
            label="QoS",
            default=0,
            description="0 sends once, 1 until the broker has it, 2 exactly once.",
            validate=_qos,
        ),
        Field(
            name="retain",
            selector={"boolean": {}},
            label="Retain",
            default=False,
            description="Whether the broker keeps the message for those who subscribe later.",
        ),
        Field(
            name="evaluate_payload",
            selector={"boolean": {}},
            label="Evaluate payload",
            default=False,
            description="Whether a payload written as b'...' stands for raw bytes.",
        ),
    ),
)


async def publish(bus: MessageBus, data: Mapping[str, Any]) -> None:
    """Carry out a validated ``mqtt.publish``."""
    payload = data.get("payload", "")
    if data.get("evaluate_payload"):
        payload = _evaluated(payload)
    await bus.publish(data["topic"], payload, qos=data.get("qos", 0), retain=data.get("retain", False))


def _evaluated(payload: str) -> bytes | str:
    try:
        value = ast.literal_eval(payload)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return payload
    return value if isinstance(value, bytes) else payload
