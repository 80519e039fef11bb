"""All of the hub's own entities: their definitions, and the adapters that run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.adapters.attribution import RecentActions
from hub.adapters.interfaces import Adapter, ConfigEntry, Integration
from hub.adapters.manifest import Manifest
from hub.adapters.supervisor import Supervisor
from hub.config.settings import Settings
from hub.core.actions import ActionTable
from hub.core.bus import EventBus
from hub.core.ports import Actions, Store
from hub.templates.home import Home
from hub.virtual import (
    counter,
    input_boolean,
    input_button,
    input_datetime,
    input_number,
    input_select,
    input_text,
    journal,
    notifications,
    person,
    scene,
    schedule,
    sun,
    timer,
    todo,
    zone,
)
from hub.virtual.collected import Collected
from hub.virtual.collection import Collection
from hub.virtual.definition import Definition, Item
from hub.virtual.helper import Helper, Surroundings
from hub.virtual.sun_times import SunTimes

KINDS: tuple[tuple[type[Helper], Definition], ...] = (
    (input_boolean.InputBoolean, input_boolean.DEFINITION),
    (input_button.InputButton, input_button.DEFINITION),
    (input_datetime.InputDatetime, input_datetime.DEFINITION),
    (input_number.InputNumber, input_number.DEFINITION),
    (input_select.InputSelect, input_select.DEFINITION),
    (input_text.InputText, input_text.DEFINITION),
    (counter.Counter, counter.DEFINITION),
    (timer.Timer, timer.DEFINITION),
    (schedule.Schedule, schedule.DEFINITION),
)
"""The helpers that need nothing but what every helper is given."""


class Virtual:
    """Timers, counters, inputs, schedules, lists, scenes, zones, persons, the sun and notifications of one hub.

    ``store(name)`` gives the document of each domain, ``knows_user`` says whether there is a user of an id.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        home: Home,
        bus: EventBus,
        recent: RecentActions,
        actions: Actions,
        table: ActionTable,
        store: Callable[[str], Store],
        knows_user: Callable[[str], bool],
    ) -> None:
        self._around = Surroundings(home, bus, recent)
        self.sun = SunTimes(settings.latitude, settings.longitude, settings.elevation, home.time_zone)
        self.notifications = notifications.Notifications(store(notifications.DOMAIN), home.clock)
        self.collections = _collections(store, knows_user, bus)
        """What users may define, by domain."""
        self.todo = self._collected(todo.TodoList)
        self._adapters = self._own_adapters(settings, actions)
        for action in (notifications.NOTIFY, journal.LOG, journal.WRITE):
            table.add(action)

    def start(self, supervisor: Supervisor) -> None:
        """Run everything, until the supervisor ends."""
        for domain, adapter in self._adapters.items():
            _start(supervisor, domain, adapter)

    def _own_adapters(self, settings: Settings, actions: Actions) -> Mapping[str, Adapter]:
        """Return the adapter of each domain; persons come before the zones that count them."""
        notifier = notifications.Notifier(self.notifications)
        home = zone.home_zone(settings.name, settings.latitude, settings.longitude)
        return {
            "person": self._collected(person.Person),
            "zone": self._collected(zone.Zone, home),
            "sun": sun.Sun(self.sun, self._around.home),
            **{kind.domain: self._collected(kind) for kind, _ in KINDS},
            "todo": self.todo,
            "scene": scene.Scenes(self.collections["scene"], self._around, actions),
            "persistent_notification": notifier,
            "notify": notifier,
            "logbook": journal.Journal(journal.write_logbook),
            "system_log": journal.Journal(journal.write_system_log),
        }

    def _collected(self, kind: type[Helper], *always: Item) -> Collected:
        return Collected(kind, self.collections[kind.domain], self._around, always)


def _collections(
    store: Callable[[str], Store], knows_user: Callable[[str], bool], bus: EventBus
) -> Mapping[str, Collection]:
    plain = (*(definition for _, definition in KINDS), todo.DEFINITION, scene.DEFINITION, zone.DEFINITION)
    collections = {definition.domain: Collection(definition, store(definition.domain)) for definition in plain}
    return {**collections, "person": person.People(store("person"), knows_user, bus)}


def _start(supervisor: Supervisor, domain: str, adapter: Adapter) -> None:
    title = domain.replace("_", " ").capitalize()
    manifest = Manifest(domain=domain, name=title, version="1", api=(1, 1))
    entry = ConfigEntry(entry_id=domain, integration=domain, title=title, source="system")
    supervisor.start(Integration(manifest=manifest, make=lambda _: adapter), entry)
