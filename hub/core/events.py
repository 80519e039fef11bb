"""Events: what happened. Wire names are Home Assistant's; our own begin with ``hearth_``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.core.context import Context
from hub.core.state import State

STATE_CHANGED = "state_changed"
STATE_REPORTED = "state_reported"
CALL_SERVICE = "call_service"
AUTOMATION_TRIGGERED = "automation_triggered"
HUB_STARTED = "homeassistant_started"
HUB_STOP = "homeassistant_stop"
CORE_CONFIG_UPDATED = "core_config_updated"
SERVICE_REGISTERED = "service_registered"
SERVICE_REMOVED = "service_removed"
COMPONENT_LOADED = "component_loaded"
LOGBOOK_ENTRY = "logbook_entry"
RUN_FINISHED = "hearth_run_finished"
FLOW_CHANGED = "hearth_flow_changed"
INTEGRATION_CHANGED = "hearth_integration_changed"

TYPED = frozenset({STATE_CHANGED, STATE_REPORTED})
"""Types with a class of their own: only the hub publishes these, and who listens relies on what they hold."""


class Event:
    """Something that happened: a type, its data, when, and why.

    ``time`` is UTC epoch seconds. A plain slots class, immutable by convention.
    """

    __slots__ = ("context", "data", "time", "type")

    def __init__(self, type: str, data: Mapping[str, Any], context: Context, time: float) -> None:  # noqa: A002
        self.type = type
        self.data = data
        self.context = context
        self.time = time

    def as_dict(self) -> dict[str, Any]:
        """Return it as Home Assistant's API shows it."""
        return {
            "event_type": self.type,
            "data": self.data,
            "origin": "LOCAL",
            "time_fired": isoformat(self.time),
            "context": self.context.as_dict(),
        }


class StateChanged:
    """An entity's state or attributes changed; ``old`` is None when it appeared, ``new`` None when it was removed."""

    __slots__ = ("context", "entity_id", "new", "old", "time")
    type = STATE_CHANGED

    def __init__(self, entity_id: str, old: State | None, new: State | None, context: Context, time: float) -> None:
        self.entity_id = entity_id
        self.old = old
        self.new = new
        self.context = context
        self.time = time

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's data in Home Assistant's form; states are State objects."""
        return {"entity_id": self.entity_id, "old_state": self.old, "new_state": self.new}

    def as_dict(self) -> dict[str, Any]:
        """Return it as Home Assistant's API shows it."""
        data = {
            "entity_id": self.entity_id,
            "old_state": self.old and self.old.as_dict(),
            "new_state": self.new and self.new.as_dict(),
        }
        return Event(self.type, data, self.context, self.time).as_dict()


class StateReported:
    """A device reported what was known already: nothing changed but ``last_reported``. Never triggers an automation."""

    __slots__ = ("context", "entity_id", "state", "time")
    type = STATE_REPORTED

    def __init__(self, entity_id: str, state: State, context: Context, time: float) -> None:
        self.entity_id = entity_id
        self.state = state
        self.context = context
        self.time = time

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's data in Home Assistant's form."""
        return {"entity_id": self.entity_id, "last_reported": self.time, "new_state": self.state}

    def as_dict(self) -> dict[str, Any]:
        """Return it as Home Assistant's API shows it."""
        data = {
            "entity_id": self.entity_id,
            "last_reported": isoformat(self.time),
            "new_state": self.state.as_dict(),
        }
        return Event(self.type, data, self.context, self.time).as_dict()


AnyEvent = Event | StateChanged | StateReported


def isoformat(timestamp: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC with microseconds, the wire's form."""
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="microseconds")
