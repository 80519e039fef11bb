"""Messages, wills and sessions as JSON values, for keeping them over a restart."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from hearth_mqtt.codec import EMPTY, Properties, Subscription, Will
from hearth_mqtt.endpoint.deliveries import Outgoing
from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.endpoint.session import Session, Subscribed

Json = dict[str, Any]

_BYTES = frozenset({"correlation_data", "authentication_data"})
_NAMES = frozenset(each.name for each in fields(Properties))


def message_to_json(message: Message) -> Json:
    shown: Json = {"topic": message.topic, "payload": _bytes_to_json(message.payload), "qos": message.qos}
    optional = {"expires": message.expires, "source": message.source, "properties": _properties(message.properties)}
    return shown | {key: value for key, value in optional.items() if value}


def message_from_json(data: Mapping[str, Any], *, retain: bool = False) -> Message:
    return Message(
        data["topic"],
        _bytes_from_json(data["payload"]),
        qos=data["qos"],
        retain=retain,
        properties=_properties_from_json(data.get("properties", {})),
        expires=data.get("expires"),
        source=data.get("source"),
    )


def will_to_json(will: Will) -> Json:
    return {
        "topic": will.topic,
        "payload": _bytes_to_json(will.payload),
        "qos": will.qos,
        "retain": will.retain,
        "properties": _properties(will.properties),
    }


def will_from_json(data: Mapping[str, Any]) -> Will:
    return Will(
        topic=data["topic"],
        payload=_bytes_from_json(data["payload"]),
        qos=data["qos"],
        retain=data["retain"],
        properties=_properties_from_json(data["properties"]),
    )


def session_to_json(session: Session, now: float) -> Json:
    """``left`` is how many seconds the session has to live once its client is gone."""
    return {
        "client_id": session.client_id,
        "user": session.user,
        "ends": now + session.expiry if session.ends is None else session.ends,
        "expiry": session.expiry,
        "subscriptions": [asdict(each) for each in session.subscriptions.values()],
        "unsent": [_outgoing(each) for each in session.deliveries.unsent()],
        "incoming": sorted(session.incoming),
    }


def fill_session(session: Session, data: Mapping[str, Any]) -> list[Subscribed]:
    """Put what was kept into a new session, and return its subscriptions."""
    session.expiry = data["expiry"]
    session.incoming.update(data["incoming"])
    session.deliveries.restore([_outgoing_from_json(each) for each in data["unsent"]])
    return [
        Subscribed(subscription=Subscription(**each["subscription"]), identifiers=tuple(each["identifiers"]))
        for each in data["subscriptions"]
    ]


def _outgoing(outgoing: Outgoing) -> Json:
    return {
        "message": message_to_json(outgoing.message),
        "qos": outgoing.qos,
        "retain": outgoing.retain,
        "identifiers": list(outgoing.identifiers),
    }


def _outgoing_from_json(data: Mapping[str, Any]) -> Outgoing:
    message = message_from_json(data["message"])
    return Outgoing(message, data["qos"], data["retain"], tuple(data["identifiers"]))


def _properties(properties: Properties) -> Json:
    if properties is EMPTY:
        return {}
    values = {name: getattr(properties, name) for name in _NAMES}
    return {
        name: _bytes_to_json(value) if name in _BYTES else value
        for name, value in values.items()
        if value is not None and value != ()
    }


def _properties_from_json(data: Mapping[str, Any]) -> Properties:
    if not data:
        return EMPTY
    values: Json = {name: _bytes_from_json(value) if name in _BYTES else value for name, value in data.items()}
    values["user_properties"] = tuple((name, value) for name, value in data.get("user_properties", ()))
    values["subscription_ids"] = tuple(data.get("subscription_ids", ()))
    return Properties(**values)


def _bytes_to_json(value: bytes) -> str | Json:
    """Return text as it is, so that the file can be read, and anything else as base64."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes_from_json(value: str | Mapping[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])
