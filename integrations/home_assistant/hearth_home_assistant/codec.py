"""Home Assistant's WebSocket messages as values, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hub import ConnectionLost, DeviceRefused, EntityCall

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntityState:
    """A state as Home Assistant tells it. ``attributes`` are never changed once they are here."""

    state: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What one ``subscribe_entities`` event changed, by entity id; ``changed`` with the names of the attributes touched."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


def decode(frame: str | bytes) -> list[Message]:
    """Return the messages of a frame: one, or several that were coalesced.

    Raises ConnectionLost if the frame holds something else.
    """
    try:
        content = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        raise ConnectionLost(f"Expected JSON from Home Assistant: {error}") from None
    messages = content if isinstance(content, list) else [content]
    if not all(isinstance(message, dict) and isinstance(message.get("type"), str) for message in messages):
        raise ConnectionLost(
            f"Expected messages with a type from Home Assistant, got {bytes(str(content), 'utf-8')[:80]!r}"
        )
    return messages


def encode(message: Message) -> str:
    """Return the frame of one message; what JSON does not know (a timedelta) is written as text."""
    return orjson.dumps(message, default=str).decode()


def apply(states: dict[str, EntityState], event: Mapping[str, Any]) -> Changes:
    """Bring ``states`` up to date with an event of ``subscribe_entities``, and return what changed.

    A change to an entity that was never added is passed over.
    """
    added, changed, removed = event.get("a", {}), event.get("c", {}), event.get("r", ())
    for entity_id, full in added.items():
        states[entity_id] = EntityState(full["s"], full.get("a", {}))
    changes = Changes(added=list(added), removed=[entity_id for entity_id in removed if entity_id in states])
    for entity_id, change in changed.items():
        old = states.get(entity_id)
        if old is not None:
            states[entity_id], changes.changed[entity_id] = _changed(old, change)
    for entity_id in changes.removed:
        del states[entity_id]
    return changes


def _changed(old: EntityState, change: Mapping[str, Any]) -> tuple[EntityState, tuple[str, ...]]:
    """Return the new state, and the names of the attributes that differ."""
    more, less = change.get("+", {}), change.get("-", {}).get("a", ())
    state, new = more.get("s", old.state), more.get("a", {})
    if not new and not less:
        return EntityState(state, old.attributes), ()
    kept = {key: value for key, value in old.attributes.items() if key not in less}
    return EntityState(state, {**kept, **new}), (*new, *less)


def call_service(call: EntityCall, entity_ids: Iterable[str], *, with_response: bool) -> dict[str, Any]:
    """Return the fields of the ``call_service`` command that carries out ``call`` on these of its entities."""
    domain, _, service = call.action.partition(".")
    command: dict[str, Any] = {"domain": domain, "service": service, "service_data": dict(call.data)}
    if targets := list(entity_ids):
        command["target"] = {"entity_id": targets}
    if with_response:
        command["return_response"] = True
    return command


def answering_services(services: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Return the actions that answer with data, from the result of ``get_services``."""
    return frozenset(
        f"{domain}.{name}"
        for domain, offered in services.items()
        for name, service in offered.items()
        if service.get("response")
    )


def refusal(error: Mapping[str, Any]) -> DeviceRefused:
    """Return what Home Assistant said against a command, in its own words."""
    words = str(error.get("message") or error.get("code") or "no reason given")
    return DeviceRefused(f"Home Assistant refused: {words}")
