"""What becomes of devices when entities are taken back and entries removed: one rule for both."""

from __future__ import annotations

import pytest

from hub.adapters.forgetting import forget, forget_entry
from hub.adapters.interfaces import ConfigEntry, DeviceDescription, EntityDescription, Report
from hub.core.context import Context
from hub.testing import MemoryHome

SHARED = DeviceDescription(identifiers=("d",), connections=(("mac", "aa:bb"),), name="Shared")


def sensor(unique_id: str, device: DeviceDescription = SHARED) -> EntityDescription:
    return EntityDescription(domain="sensor", unique_id=unique_id, device=device)


@pytest.fixture
def home() -> MemoryHome:
    return MemoryHome("toy")


def second(home: MemoryHome) -> ConfigEntry:
    """Let a second entry know the shared device, with an entity of its own."""
    registries = home.registries
    device = registries.devices.ensure(connections=SHARED.connections, config_entry="second", integration="other")
    registries.entities.ensure(
        integration="other",
        unique_id="o",
        domain="sensor",
        suggested="o",
        config_entry_id="second",
        device_id=device.id,
    )
    return ConfigEntry(entry_id="second", integration="other", title="Other")


def test_the_last_entity_takes_its_device_along(home: MemoryHome) -> None:
    home.host.add(sensor("a"))
    home.host.add(sensor("b"))
    home.host.remove("a")
    assert len(home.registries.devices) == 1
    home.host.remove("b")
    assert len(home.registries.devices) == 0
    assert len(home.registries.entities) == 0


def test_a_device_that_another_entry_knows_stays_with_that_one(home: MemoryHome) -> None:
    home.host.add(sensor("a"))
    second(home)
    home.host.remove("a")
    assert [device.config_entries for device in home.registries.devices] == [("second",)]
    forget_entry("second", home.registries, home.states, Context("test"))
    assert len(home.registries.devices) == 0


def test_a_removed_entry_leaves_shared_devices_and_takes_its_own_along(home: MemoryHome) -> None:
    home.host.add(sensor("a"))
    home.host.add(sensor("own", DeviceDescription(identifiers=("own",), name="Own")))
    home.host.add(DeviceDescription(identifiers=("bridge",), name="Bridge without entities"))
    second(home)
    forget_entry("entry", home.registries, home.states, Context("test"))
    assert [(device.shown_name, device.config_entries) for device in home.registries.devices] == [
        ("Shared", ("second",))
    ]
    assert [entity.unique_id for entity in home.registries.entities] == ["o"]


def test_forgetting_an_entity_without_a_device_is_no_more_than_that(home: MemoryHome) -> None:
    home.host.add(EntityDescription(domain="sensor", unique_id="alone"))
    entity = home.entity_of("alone")
    assert entity is not None
    forget(entity, "entry", home.registries, home.states, Context("test"))
    assert home.entity_of("alone") is None
    assert home.states.get(entity.entity_id) is None


def test_what_a_device_says_of_an_entity_that_was_removed_is_nobodys_until_it_is_added_anew(home: MemoryHome) -> None:
    home.host.add(sensor("a"))
    entity = home.entity_of("a")
    assert entity is not None
    forget(entity, entity.config_entry_id, home.registries, home.states, Context("test"))
    home.host.report(Report(unique_id="a", state="1"))
    assert home.states.get(entity.entity_id) is None
    home.host.add(sensor("a"))
    home.host.report(Report(unique_id="a", state="2"))
    state = home.state_of("a")
    assert state is not None
    assert state.state == "2"
