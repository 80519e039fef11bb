"""``zone``: a circle on the map. The state is how many persons are in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.events import Event
from hub.core.state import UNAVAILABLE, State
from hub.virtual.definition import NAMED, Definition, Item, boolean, decimal
from hub.virtual.helper import Helper, Surroundings
from hub.virtual.zones import HOME

HOME_ID = "home"
"""The id of the zone around the home, which the settings define."""

DEFINITION = Definition(
    domain="zone",
    fields={
        **NAMED,
        vol.Required("latitude"): decimal(-90, 90),
        vol.Required("longitude"): decimal(-180, 180),
        vol.Optional("radius", default=100.0): decimal(0),
        vol.Optional("passive", default=False): boolean,
    },
    partial=True,
    reserved=frozenset({HOME_ID}),
)


def home_zone(name: str, latitude: float, longitude: float) -> Item:
    """Return the item of the zone around the home."""
    place = {"latitude": latitude, "longitude": longitude, "radius": 100.0, "passive": False}
    return {"id": HOME_ID, "name": name, "icon": "mdi:home", **place}


class Zone(Helper):
    """A place with a radius in metres. Persons are in it while their state is its name (``home`` for the home)."""

    domain: ClassVar[str] = "zone"

    def __init__(self, item: Item, around: Surroundings, changed: Callable[[], None]) -> None:
        super().__init__(item, around, changed)
        self._persons: list[str] = []
        self._followed: tuple[str, ...] = ()

    def begin(self, kept: Any) -> None:
        self._follow()
        self._count()

    def state(self) -> str:
        return str(len(self._persons))

    def attributes(self) -> Mapping[str, Any]:
        return {"persons": self._persons}

    def fixed(self) -> Mapping[str, Any]:
        return {key: self.item[key] for key in ("latitude", "longitude", "radius", "passive")}

    def configure(self, item: Item) -> None:
        super().configure(item)
        self._count()

    def _registered(self, event: Event) -> None:
        came_or_went = event.data["action"] != "update" or "old_entity_id" in event.data
        if came_or_went and event.data["entity_id"].startswith("person."):
            self._follow()
            self._moved()

    def _follow(self) -> None:
        """Listen to every person there is, ours and those of integrations."""
        self.end()
        bus, entities = self.around.bus, self.around.home.registries.entities
        self._followed = tuple(entity.entity_id for entity in entities if entity.domain == "person")
        self.listening = [bus.listen_entity(person, lambda _: self._moved()) for person in self._followed]
        self.listening.append(bus.listen("entity_registry_updated", self._registered))

    def _moved(self) -> None:
        before = self._persons
        self._count()
        if self._persons != before:
            self.changed()

    def _count(self) -> None:
        states = (self.around.home.states.get(person) for person in self._followed)
        self._persons = sorted(state.entity_id for state in states if state is not None and self._holds(state))

    def _holds(self, person: State) -> bool:
        if person.state == UNAVAILABLE:  # the hub is about to stop, or has just started: nobody has gone anywhere
            return person.entity_id in self._persons
        is_home = person.state == HOME and self.item["id"] == HOME_ID
        return is_home or person.state.casefold() == str(self.item["name"]).casefold()
