"""One entity of the hub's own, which a user defined: what every domain's class fills in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from hub.adapters.attribution import RecentActions
from hub.adapters.interfaces import EntityDescription, Report
from hub.core.bus import EventBus, Unlisten
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import HUB_STARTED, Event
from hub.templates.home import Home
from hub.virtual.definition import Item


class Surroundings:
    """What the hub's own entities see of the hub: states, registries, the time, the bus, and what was done of late."""

    def __init__(self, home: Home, bus: EventBus, recent: RecentActions) -> None:
        self.home = home
        self.bus = bus
        self.recent = recent
        self._waiting: list[Callable[[], None]] | None = []
        bus.listen(HUB_STARTED, lambda _: self._started())

    def when_started(self, callback: Callable[[], None]) -> None:
        """Call back once the hub is up and automations listen; at once if it is."""
        if self._waiting is None:
            callback()
        else:
            self._waiting.append(callback)

    def _started(self) -> None:
        waiting, self._waiting = self._waiting, None
        for callback in waiting or ():
            callback()


class Helper(ABC):
    """An entity made of an item (``name``, ``icon`` and the domain's own fields).

    ``changed`` reports it and keeps what must outlast a restart; a helper calls it whenever its state or attributes change.
    """

    domain: ClassVar[str]
    features: ClassVar[int] = 0

    def __init__(self, item: Item, around: Surroundings, changed: Callable[[], None]) -> None:
        self.item = item
        self.around = around
        self.changed = changed
        self.listening: list[Unlisten] = []
        """What ends with the helper."""

    @abstractmethod
    def begin(self, kept: Any) -> None:
        """Go on from what was kept before a restart, or begin anew where it is None."""

    @abstractmethod
    def state(self) -> str | None:
        """Return the state, None where it is unknown."""

    def attributes(self) -> Mapping[str, Any]:
        """Return the attributes that change with the state."""
        return {}

    def fixed(self) -> Mapping[str, Any]:
        """Return the attributes that the definition gives."""
        return {}

    def kept(self) -> Any:
        """Return what must outlast a restart, as a JSON value; None keeps nothing."""
        return None

    def act(self, action: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Carry out an action of the domain, named without it; return its response, if it has one.

        Raises HubError.
        """
        return None

    def configure(self, item: Item) -> None:
        """Go on with another definition."""
        self.item = item

    def end(self) -> None:
        """Let go of alarms and listeners."""
        for unlisten in self.listening:
            unlisten()
        self.listening.clear()

    @property
    def clock(self) -> Clock:
        """The hub's clock."""
        return self.around.home.clock

    @property
    def entity_id(self) -> str:
        """The entity's id, which the user may have changed."""
        entity = self.around.home.registries.entities.find(self.domain, self.item["id"])
        return entity.entity_id if entity is not None else f"{self.domain}.{self.item['id']}"

    def description(self) -> EntityDescription:
        """Return the entity as the host is told of it."""
        return EntityDescription(
            domain=self.domain,
            unique_id=self.item["id"],
            name=self.item["name"],
            has_entity_name=False,
            object_id=self.item["id"],
            icon=self.item.get("icon"),
            unit=self.item.get("unit_of_measurement"),
            features=self.features,
            attributes={"editable": True, **self.fixed()},
            available=False,  # until its first report: an entity is never shown as unknown in between
            picture=self.item.get("picture"),
        )

    def report(self) -> Report:
        """Return what the host is told of its state."""
        return Report(unique_id=self.item["id"], state=self.state(), attributes=dict(self.attributes()))

    def fire(self, event_type: str, **data: Any) -> None:
        """Publish an event about this entity; an action of late is its cause."""
        context = self.around.recent.context(self.entity_id) or Context(self.domain)
        payload = {"entity_id": self.entity_id, **data}
        self.around.bus.publish(Event(event_type, payload, context, self.clock.time()))

    def because(self, cause: str) -> None:
        """Take what changes next for the doing of ``cause`` (the time), not of an action of late."""
        self.around.recent.note(self.entity_id, Context(cause))
