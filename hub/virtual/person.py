"""``person``: where somebody is, told by the device trackers they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.bus import EventBus
from hub.core.events import Event
from hub.core.ids import is_entity_id
from hub.core.ports import Store
from hub.core.state import UNAVAILABLE, UNKNOWN, State
from hub.errors import InvalidInput
from hub.virtual.collection import Collection
from hub.virtual.definition import Definition, Item, name
from hub.virtual.helper import Helper, Surroundings
from hub.virtual.zones import HOME, HOME_ZONE, place_of

_TEXT = vol.Any(str, None)
_NOWHERE: Mapping[str, Any] = {"state": None}


def trackers(value: Any) -> list[str]:
    """Return one or several entity ids of device trackers."""
    found = value if isinstance(value, list) else [value]
    for item in found:
        if not isinstance(item, str) or not is_entity_id(item) or not item.startswith("device_tracker."):
            raise vol.Invalid(f"expected an entity id such as device_tracker.phone, got {item!r}")
    return list(dict.fromkeys(found))


DEFINITION = Definition(
    domain="person",
    fields={
        vol.Required("name"): name,
        vol.Optional("user_id"): _TEXT,
        vol.Optional("device_trackers", default=list): trackers,
        vol.Optional("picture"): _TEXT,
    },
    partial=True,
)


class People(Collection):
    """All persons. Nobody is two of them, and a device tracker that is renamed or removed is so here too.

    ``knows`` says whether there is a user of this id.
    """

    def __init__(self, store: Store, knows: Callable[[str], bool], bus: EventBus) -> None:
        super().__init__(DEFINITION, store)
        self._knows = knows
        bus.listen("entity_registry_updated", self._registered)

    def create(self, data: Mapping[str, Any]) -> Item:
        self._check_user(data.get("user_id"), None)
        return super().create(data)

    def update(self, item_id: str, data: Mapping[str, Any]) -> Item:
        self._check_user(data.get("user_id"), item_id)
        return super().update(item_id, data)

    def _check_user(self, user_id: str | None, item_id: str | None) -> None:
        if user_id is None:
            return
        other = next((item for item in self if item.get("user_id") == user_id and item["id"] != item_id), None)
        if other is not None:
            raise InvalidInput(f"Expected a user who is no person yet: this one is {other['name']}", path=("user_id",))
        if not self._knows(user_id):
            raise InvalidInput(f"Expected the id of a user, got {user_id!r}: nobody has it", path=("user_id",))

    def _registered(self, event: Event) -> None:
        old = event.data.get("old_entity_id") or event.data["entity_id"]
        renamed = "old_entity_id" in event.data
        if not old.startswith("device_tracker.") or not (renamed or event.data["action"] == "remove"):
            return
        new = [event.data["entity_id"]] if renamed else []
        for item in self:
            if old in item["device_trackers"]:
                left = [tracker for tracker in item["device_trackers"] if tracker != old]
                self.update(item["id"], {"device_trackers": [*left, *new]})


class Person(Helper):
    """Home, not_home or a zone's name; what was known before a restart holds until a tracker says something.

    A tracker that does not measure places (a router) and says ``home`` comes first, then the newest place measured, then
    the newest of the others.
    """

    domain: ClassVar[str] = "person"

    def __init__(self, item: Item, around: Surroundings, changed: Callable[[], None]) -> None:
        super().__init__(item, around, changed)
        self._shown: Mapping[str, Any] = _NOWHERE
        self._known: Mapping[str, Any] = _NOWHERE
        self._told = False

    def begin(self, kept: Any) -> None:
        self._shown = self._known = kept if isinstance(kept, Mapping) else _NOWHERE
        self._listen()
        self._look()

    def state(self) -> str | None:
        state: str | None = self._shown["state"]
        return state

    def attributes(self) -> Mapping[str, Any]:
        shown = {key: value for key, value in self._shown.items() if key != "state" and value is not None}
        user_id = self.item.get("user_id")
        return shown if user_id is None else {**shown, "user_id": user_id}

    def fixed(self) -> Mapping[str, Any]:
        return {"id": self.item["id"], "device_trackers": self.item["device_trackers"]}

    def kept(self) -> Mapping[str, Any]:
        return self._known

    def configure(self, item: Item) -> None:
        super().configure(item)
        self.end()
        self._listen()
        self._look()

    def _listen(self) -> None:
        bus = self.around.bus
        self.listening = [bus.listen_entity(id_, lambda _: self._heard()) for id_ in self.item["device_trackers"]]

    def _heard(self) -> None:
        self._look()
        self.changed()

    def _look(self) -> None:
        source = self._source()
        if source is not None:
            self._shown = self._known = self._seen_by(source)
            self._told = True
        elif self._told or not self.item["device_trackers"]:
            self._shown = _NOWHERE

    def _seen_by(self, source: State) -> Mapping[str, Any]:
        place = place_of(source.attributes) or (self._home() if source.state == HOME else None)
        latitude, longitude = place or (None, None)
        return {
            "state": source.state,
            "source": source.entity_id,
            "latitude": latitude,
            "longitude": longitude,
            "gps_accuracy": source.attributes.get("gps_accuracy"),
        }

    def _source(self) -> State | None:
        """Return the state of the tracker to believe, or None while none says anything."""
        known = (self.around.home.states.get(tracker) for tracker in self.item["device_trackers"])
        usable = [state for state in known if state is not None and state.state not in (UNKNOWN, UNAVAILABLE)]
        return max(usable, key=lambda state: (_rank(state), state.last_updated), default=None)

    def _home(self) -> tuple[float, float] | None:
        home = self.around.home.states.get(HOME_ZONE)
        return place_of(home.attributes) if home is not None else None


def _rank(tracker: State) -> int:
    if tracker.attributes.get("source_type") == "gps":
        return 1
    return 2 if tracker.state == HOME else 0
