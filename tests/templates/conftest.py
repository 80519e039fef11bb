"""A home for templates to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.config.store import JsonStores
from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.registry import Registries
from hub.core.states import States
from hub.templates import Templates

NOON = 1_704_106_800.0  # 2024-01-01 12:00 in Berlin


@dataclass
class Home:
    clock: SimulatedClock
    bus: EventBus
    states: States
    registries: Registries
    templates: Templates
    device_id: str

    def set(self, entity_id: str, state: str, /, **attributes: Any) -> None:
        self.states.set(entity_id, state, attributes, context=Context("test"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    clock, bus = SimulatedClock(NOON), EventBus()
    states, registries = States(bus, clock), Registries.open(JsonStores(tmp_path).store, bus, clock)
    floor = registries.floors.create("Upstairs", level=1)
    label = registries.labels.create("Night", description="Used at night")
    area = registries.areas.create(
        "Living room", floor_id=floor.floor_id, aliases=("Lounge",), labels=(label.label_id,)
    )
    registries.areas.create("Cellar")
    device = registries.devices.ensure(
        identifiers=[("toy", "1")], name="Desk lamp", model="L1", area_id=area.area_id, labels=(label.label_id,)
    )
    entities = registries.entities
    entities.ensure(integration="toy", unique_id="1", domain="light", suggested="desk", device_id=device.id)
    entities.ensure(
        integration="toy",
        unique_id="2",
        domain="light",
        suggested="wall",
        area_id=area.area_id,
        labels=(label.label_id,),
    )
    entities.ensure(integration="toy", unique_id="3", domain="sensor", suggested="hidden", hidden_by="user")
    made = Home(
        clock, bus, states, registries, Templates(states, registries, clock, ZoneInfo("Europe/Berlin")), device.id
    )
    made.set("light.desk", "on", brightness=128, friendly_name="Desk lamp")
    made.set("light.wall", "off")
    made.set("sensor.temperature", "21.57", unit_of_measurement="°C")
    made.set("sensor.gone", "unavailable")
    made.set("group.lamps", "on", entity_id=["light.desk", "light.wall"])
    return made


@pytest.fixture
def render(home: Home) -> Callable[..., Any]:
    return lambda template, **variables: home.templates.render(template, variables)
