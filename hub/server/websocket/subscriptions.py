"""Which events may be followed with ``subscribe_events``, as data: by whom, and what somebody with a limited view is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.core.events import AnyEvent, StateChanged
from hub.security import Sight
from hub.server.needs import Needs

Shown = Callable[[Sight, AnyEvent], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who may follow a type of event; ``shown`` says which of them somebody sees who does not see everything."""

    needs: Needs
    shown: Shown


def _always(_: Sight, __: AnyEvent) -> bool:
    return True


def _of_state(sight: Sight, event: AnyEvent) -> bool:
    return isinstance(event, StateChanged) and sight.sees(event.entity_id)


def _of_entity(sight: Sight, event: AnyEvent) -> bool:
    return sight.sees(str(event.data.get("entity_id")))


_LISTED: Mapping[str, Shown] = {
    "area_registry_updated": lambda sight, event: event.data.get("area_id") in sight.areas(),
    "component_loaded": _always,
    "core_config_updated": _always,
    "device_registry_updated": lambda sight, event: event.data.get("device_id") in sight.devices(),
    "entity_registry_updated": _of_entity,
    "floor_registry_updated": lambda sight, event: event.data.get("floor_id") in sight.floors(),
    "label_registry_updated": lambda sight, event: event.data.get("label_id") in sight.labels(),
    "service_registered": _always,
    "service_removed": _always,
    "state_changed": _of_state,
}
SUBSCRIPTIONS: Mapping[str, Subscription] = {
    type_: Subscription(needs=Needs.LOGIN, shown=shown) for type_, shown in _LISTED.items()
}
_OTHERS = Subscription(needs=Needs.ADMIN, shown=_always)


def subscription_to(type_: str) -> Subscription:
    """Return who may follow this type of event; what is not listed, and everything at once, needs an admin."""
    return SUBSCRIPTIONS.get(type_, _OTHERS)
