"""event: something that happens, with a type and attributes."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.common_schema import READ_ONLY, device_class, entity_schema, keyed, listed, string
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Model
from hub import DOMAINS

_log = logging.getLogger(__name__)

_NOTHING = frozenset({"", "None", "{}"})

_SCHEMA = entity_schema(
    READ_ONLY,
    {vol.Required("event_types"): vol.All(listed, [string])},
    keyed({"device_class": device_class(DOMAINS["event"].device_classes)}),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read = declaration.reader("value_template")

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = None if incoming.retain else read(incoming)  # a retained message is no event of now
        if text is None or text in _NOTHING:
            return None
        attributes = _attributes(text)
        kind = attributes.pop("event_type", None) if attributes else None
        if attributes is None or str(kind) not in config["event_types"]:
            known = ", ".join(config["event_types"])
            _log.warning("Expected an object with an event_type of %s on %s, got %r", known, incoming.topic, text[:80])
            return None
        now = dt.datetime.fromtimestamp(incoming.time, dt.UTC).isoformat(timespec="milliseconds")
        return {"time": now, "type": str(kind), "attributes": attributes}

    return Model(
        show=lambda facts: (facts["time"], {"event_type": facts["type"], **facts["attributes"]}),
        listens=((config["state_topic"], decode),),
        initial={"time": None, "type": None, "attributes": {}},
        capabilities={"event_types": config["event_types"]},
        device_class=config.get("device_class"),
        force=True,
        remembered=("time", "type", "attributes"),
    )


def _attributes(text: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


EVENT = Component(
    domain="event",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Event",
    named_by_class=True,
    own_attributes=frozenset({"event_type", "event_types"}),
)
