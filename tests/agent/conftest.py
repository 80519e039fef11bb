"""A furnished home in two languages, the real dispatcher and policy, and the real model where a test asks for it."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.interfaces import Actuator, EntityCall
from hub.agent import CommandAgent
from hub.config.store import JsonStores
from hub.core.bus import EventBus
from hub.core.callers import Caller, CallerKind, Capability
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.inference import InferenceBackend
from hub.core.records import AuditEntry, Decision
from hub.core.registry import Entity, Registries
from hub.core.states import States
from hub.entities import action_table
from hub.inference import LocalBackend

USER = Caller.user("u1")


class Devices:
    """Owners and Actuator in one: does what it is told, by setting states, and remembers it."""

    def __init__(self, states: States) -> None:
        self._states = states
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []

    def actuator(self, entry_id: str | None) -> Actuator | None:
        return self

    def actuator_of(self, integration: str) -> Actuator | None:
        return self

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        for entity_id in call.unique_ids:
            self.calls.append((call.action, entity_id, call.data))
            if new := _STATES.get(call.action.partition(".")[2]):
                old = self._states.get(entity_id)
                self._states.set(entity_id, new, old.attributes if old else {}, context=Context("device"))
        return None


_STATES = {
    "turn_on": "on", "turn_off": "off", "lock": "locked", "unlock": "unlocked", "open_cover": "open",
    "close_cover": "closed", "media_pause": "paused", "media_play": "playing",
}  # fmt: skip


class Grants:
    """Capabilities: everything, narrowed to what the caller carries."""

    def __init__(self, registries: Registries) -> None:
        self._registries = registries

    def sees(self, caller: Caller, entity_id: str) -> bool:
        return True

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        if caller.capabilities is None:
            return None
        area = self._registries.area_of(entity) if entity else None
        for one in caller.capabilities:
            covered = entity is None or one.covers_entity(
                entity.entity_id, area.area_id if area else None, self._registries.labels_of(entity)
            )
            if one.covers_action(action) and covered:
                return None
        return f"{caller.id} was granted no {action}"


class Journal:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def intent(self, entry: AuditEntry) -> int:
        self.entries.append(entry)
        return len(self.entries)

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        return


class FixtureHome:
    """The hub's parts around the agent, and what reached the devices."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.bus = SimulatedClock(), EventBus()
        self.states = States(self.bus, self.clock)
        self.registries = Registries.open(JsonStores(folder).store, self.bus, self.clock)
        self.devices = Devices(self.states)
        self.audit = Journal()
        self.table = action_table()
        self.capabilities = Grants(self.registries)
        self.actions = Dispatcher(
            self.table,
            self.registries,
            self.states,
            self.devices,
            self.capabilities,
            self.audit,
            RecentActions(self.clock),
            self.bus,
            self.clock,
        )

    def add(self, domain: str, name: str, area: str | None = None, state: str = "off", **values: Any) -> str:
        """Add an entity of that name and state; ``attributes`` are the state's, the other values the registry's."""
        attributes = values.pop("attributes", {})
        entity = self.registries.entities.ensure(
            integration="toy",
            unique_id=f"{domain} {name} {area}",
            domain=domain,
            suggested=name,
            original_name=name,
            area_id=area,
            supported_features=values.pop("supported_features", 0xFFFFFFF),
            **values,
        )
        self.registries.entities.update(entity.entity_id, unique_id=entity.entity_id)
        self.states.set(entity.entity_id, state, {"friendly_name": name, **attributes}, context=Context("device"))
        return entity.entity_id

    def agent(self, backend: InferenceBackend) -> CommandAgent:
        return CommandAgent(
            backend, self.actions, self.capabilities, self.states, self.registries, self.clock, self.table
        )

    @property
    def done(self) -> list[tuple[str, str]]:
        """What reached the devices: (action, entity id)."""
        return [(action, entity_id) for action, entity_id, _ in self.devices.calls]


def furnish(home: FixtureHome) -> None:
    """Two floors, six areas with Chinese aliases, twenty things."""
    ground = home.registries.floors.create("Ground Floor", level=0)
    first = home.registries.floors.create("First Floor", level=1)
    for name, alias, floor in (
        ("Living Room", "客厅", ground),
        ("Kitchen", "厨房", ground),
        ("Hall", "玄关", ground),
        ("Bedroom", "卧室", first),
        ("Bathroom", "浴室", first),
        ("Study", "书房", first),
    ):
        home.registries.areas.create(name, floor_id=floor.floor_id, aliases=(alias,))
    for name, area in (
        ("Ceiling Light", "living_room"), ("Floor Lamp", "living_room"), ("Kitchen Light", "kitchen"),
        ("Hall Light", "hall"), ("Bedroom Lamp", "bedroom"), ("Mirror Light", "bathroom"), ("Desk Lamp", "study"),
    ):  # fmt: skip
        home.add("light", name, area, "on", attributes={"brightness": 128, "supported_color_modes": ["rgb"]})
    home.add("switch", "Coffee Machine", "kitchen")
    home.add("fan", "Ceiling Fan", "bedroom")
    home.add("lock", "Front Door", "hall", "locked", aliases=("前门",))
    home.add("lock", "Back Door", "kitchen", "unlocked", aliases=("后门",))
    home.add("cover", "Garage Door", "hall", "closed", device_class="garage")
    home.add("cover", "Bedroom Curtain", "bedroom", "closed", device_class="curtain", aliases=("卧室窗帘",))
    heating = {
        "temperature": 20,
        "current_temperature": 19.5,
        "min_temp": 7,
        "max_temp": 30,
        "hvac_modes": ["heat", "off"],
    }
    home.add("climate", "Thermostat", "living_room", "heat", attributes=heating)
    home.add("media_player", "Speaker", "living_room", "playing", aliases=("音箱",))
    celsius = {"unit_of_measurement": "°C"}
    home.add("sensor", "Bedroom Temperature", "bedroom", "21.5", device_class="temperature", attributes=celsius)
    home.add("binary_sensor", "Study Window", "study", "on", device_class="window")
    home.add("binary_sensor", "Kitchen Window", "kitchen", "off", device_class="window")


def limited(*capabilities: Capability) -> Caller:
    """Return an automation's agent with these capabilities."""
    return Caller(kind=CallerKind.AGENT, id="automation.test", capabilities=capabilities)


async def say(agent: CommandAgent, text: str, caller: Caller = USER, **options: Any) -> Decision:
    """Return what the agent makes of a sentence."""
    return await agent.command(text, context=Context("test"), caller=caller, **options)


@pytest.fixture
def home(tmp_path: Path) -> FixtureHome:
    """A furnished home."""
    home = FixtureHome(tmp_path)
    furnish(home)
    return home


@pytest.fixture
async def model() -> AsyncIterator[LocalBackend]:
    """The model that comes with Hearth, at work in its own process."""
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama_cpp is not installed, so there is no local model to test")
    backend = LocalBackend()
    running = asyncio.create_task(backend.run(), name="model")
    yield backend
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def agent(home: FixtureHome, model: LocalBackend) -> CommandAgent:
    """The agent with the real model in the furnished home."""
    return home.agent(model)
