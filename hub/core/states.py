"""All states, by entity id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import StateChanged, StateReported
from hub.core.ids import split_entity_id
from hub.core.state import MAX_STATE_LENGTH, State
from hub.errors import InvalidInput


class States:
    """The last known state of every entity; each change is published on the bus."""

    def __init__(self, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._states: dict[str, State] = {}
        self._domains: dict[str, dict[str, None]] = {}  # entity ids in the order in which they appeared

    def get(self, entity_id: str) -> State | None:
        """Return the entity's state, or None."""
        return self._states.get(entity_id)

    def all(self) -> list[State]:
        """Return every state, in the order in which the entities appeared."""
        return list(self._states.values())

    def in_domain(self, domain: str) -> list[State]:
        """Return the states of one domain."""
        return [self._states[entity_id] for entity_id in self._domains.get(domain, ())]

    def __iter__(self) -> Iterator[State]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._states)

    def set(
        self,
        entity_id: str,
        state: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        context: Context,
        force: bool = False,
    ) -> State:
        """Store a state and publish StateChanged, or StateReported if it is what was known already.

        ``force`` publishes a change even then. Raises InvalidInput for a malformed entity id or a state that is too long.
        """
        attributes = {} if attributes is None else attributes
        now = self._clock.time()
        old = self._states.get(entity_id)
        if old is not None and old.state == state and old.attributes == attributes and not force:
            old.reported(now)
            self._bus.publish(StateReported(entity_id, old, context, now))
            return old
        if len(state) > MAX_STATE_LENGTH:
            raise InvalidInput(f"Expected a state of at most {MAX_STATE_LENGTH} characters, got {len(state)}")
        if old is None:
            self._domains.setdefault(split_entity_id(entity_id)[0], {})[entity_id] = None
        changed = now if old is None or old.state != state or force else old.last_changed
        new = self._states[entity_id] = State(entity_id, state, attributes, changed, now, context)
        self._bus.publish(StateChanged(entity_id, old, new, context, now))
        return new

    def restore(self, state: State) -> None:
        """Put back a state from before a restart, unless the entity has one already. Nothing is published."""
        if state.entity_id not in self._states:
            self._states[state.entity_id] = state
            self._domains.setdefault(state.domain, {})[state.entity_id] = None

    def remove(self, entity_id: str, *, context: Context) -> None:
        """Forget an entity's state and publish the change; nothing happens if there is none."""
        old = self._states.pop(entity_id, None)
        if old is not None:
            del self._domains[old.domain][entity_id]
            self._bus.publish(StateChanged(entity_id, old, None, context, self._clock.time()))
