from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from hub.config.store import JsonStores
from hub.core.actions import Target
from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.events import Event
from hub.core.registry import Registries
from hub.errors import InvalidInput, NotFound, StorageError


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def stores(tmp_path: Path) -> JsonStores:
    return JsonStores(tmp_path)


@pytest.fixture
def registries(stores: JsonStores, bus: EventBus) -> Registries:
    return Registries.open(stores.store, bus, SimulatedClock())


def add(registries: Registries, unique_id: str, domain: str = "light", **values: object) -> str:
    entity = registries.entities.ensure(
        integration="mqtt", unique_id=unique_id, domain=domain, suggested=unique_id, **values
    )
    return entity.entity_id


def test_what_is_registered_is_there_after_a_restart(
    registries: Registries, stores: JsonStores, tmp_path: Path
) -> None:
    floor = registries.floors.create("Upstairs", level=1, aliases=("楼上",))
    area = registries.areas.create("Kids' room", floor_id=floor.floor_id)
    device = registries.devices.ensure(identifiers=[("mqtt", "d1")], name="Lamp", area_id=area.area_id)
    entity_id = add(registries, "u1", device_id=device.id, capabilities={"options": ["a", "b"]})
    stores.flush()

    again = Registries.open(JsonStores(tmp_path).store, EventBus(), SimulatedClock())
    entity = again.entities.require(entity_id)
    assert again.area_of(entity) == area
    assert again.floors.named("楼上") == floor
    assert again.devices.find([("mqtt", "d1")]) == device
    assert entity.capabilities == {"options": ["a", "b"]}
    assert again.entities.of_device(device.id) == [entity]


def test_an_entity_keeps_its_id_and_what_the_user_chose(registries: Registries) -> None:
    entity_id = add(registries, "u1", original_name="Old")
    registries.entities.update(entity_id, name="Mine", disabled_by="user")
    add(registries, "u1", original_name="New", disabled_by=None)
    entity = registries.entities.require(entity_id)
    assert (entity.name, entity.original_name, entity.disabled_by) == ("Mine", "New", "user")


def test_a_taken_entity_id_gets_a_number(registries: Registries) -> None:
    first = registries.entities.ensure(integration="a", unique_id="1", domain="light", suggested="Kitchen")
    second = registries.entities.ensure(integration="b", unique_id="1", domain="light", suggested="Kitchen")
    assert (first.entity_id, second.entity_id) == ("light.kitchen", "light.kitchen_2")


def test_renaming_an_entity_moves_it_and_tells(registries: Registries, bus: EventBus) -> None:
    heard: list[Event] = []
    entity_id = add(registries, "u1")
    bus.listen("entity_registry_updated", heard.append)
    registries.entities.update(entity_id, new_entity_id="light.renamed")
    assert registries.entities.get(entity_id) is None
    assert registries.entities.require("light.renamed").unique_id == "u1"
    assert heard[-1].data["old_entity_id"] == entity_id
    with pytest.raises(InvalidInput, match="unused entity id in light"):
        registries.entities.update("light.renamed", new_entity_id="switch.x")


def test_a_device_is_known_by_any_of_its_identifiers(registries: Registries) -> None:
    first = registries.devices.ensure(identifiers=[("a", "1")], connections=[("mac", "aa")], name="One")
    second = registries.devices.ensure(identifiers=[("b", "2")], connections=[("mac", "aa")], sw_version="2")
    assert first.id == second.id
    assert set(second.identifiers) == {("a", "1"), ("b", "2")}
    assert second.name == "One"


def test_the_users_area_of_a_device_stays(registries: Registries) -> None:
    kitchen, hall = registries.areas.create("Kitchen"), registries.areas.create("Hall")
    device = registries.devices.ensure(identifiers=[("a", "1")], area_id=kitchen.area_id)
    registries.devices.update(device.id, area_id=hall.area_id)
    assert registries.devices.ensure(identifiers=[("a", "1")], area_id=kitchen.area_id).area_id == hall.area_id


def test_targets_are_resolved_by_entity_device_area_floor_and_label(registries: Registries) -> None:
    floor = registries.floors.create("Up", level=1)
    area = registries.areas.create("Study", floor_id=floor.floor_id)
    label = registries.labels.create("Night")
    device = registries.devices.ensure(identifiers=[("a", "1")], area_id=area.area_id)
    lamp = add(registries, "lamp", device_id=device.id)
    add(registries, "battery", "sensor", device_id=device.id, entity_category="diagnostic")
    hidden = add(registries, "hidden", device_id=device.id)
    registries.entities.update(hidden, hidden_by="user")
    other = add(registries, "other", labels=(label.label_id,))

    def found(**target: str) -> list[str]:
        direct, indirect = registries.resolve(Target.parse(target))
        return [*direct, *indirect]

    assert found(device_id=device.id) == found(area_id="study") == found(floor_id="up") == [lamp]
    assert found(label_id="night") == [other]
    assert found(entity_id=f"{hidden}, {other}") == [hidden, other]
    assert set(found(entity_id="all")) >= {lamp, hidden, other}
    assert found(area_id="nowhere") == []


@pytest.mark.parametrize(
    ("target", "message"),
    [({"entity": "light.a"}, "Expected a target of"), ({"area_id": 5}, "Expected text or a list of texts")],
)
def test_a_malformed_target_is_refused(target: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Target.parse(target)


def test_names_of_places_are_unique_and_not_empty(registries: Registries) -> None:
    registries.areas.create("Kitchen")
    with pytest.raises(InvalidInput, match="taken"):
        registries.areas.create(" kitchen ")
    with pytest.raises(InvalidInput, match="Expected a name"):
        registries.labels.create("  ")
    with pytest.raises(NotFound, match="known area"):
        registries.areas.update("nope", name="x")
    assert registries.areas.ensure("KITCHEN").area_id == "kitchen"


def test_a_friendly_name_is_the_devices_with_the_entitys(registries: Registries) -> None:
    device = registries.devices.ensure(identifiers=[("a", "1")], name="Boiler")
    entity_id = add(registries, "t", "sensor", device_id=device.id, original_name="Temperature", has_entity_name=True)
    assert registries.name_of(registries.entities.require(entity_id)) == "Boiler Temperature"
    registries.devices.update(device.id, name_by_user="Heater")
    assert registries.name_of(registries.entities.require(entity_id)) == "Heater Temperature"
    registries.entities.update(entity_id, name="Flow")
    assert registries.name_of(registries.entities.require(entity_id)) == "Flow"


def test_a_newer_or_broken_document_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "core.area_registry.json"
    for content in (b"{", b"[]", orjson.dumps({"version": 99, "data": {}})):
        file.write_bytes(content)
        with pytest.raises(StorageError, match=r"core\.area_registry\.json"):
            Registries.open(JsonStores(tmp_path).store, EventBus(), SimulatedClock())
        assert file.read_bytes() == content


def test_an_older_document_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "doc.json").write_bytes(orjson.dumps({"version": 1, "data": {"a": 1}}))
    store = JsonStores(tmp_path).store("doc")
    assert store.load(2, lambda data, version: {**data, "from": version}) == {"a": 1, "from": 1}


async def test_changes_are_written_soon_without_being_asked(
    stores: JsonStores, registries: Registries, tmp_path: Path
) -> None:
    writing = asyncio.create_task(stores.run())
    registries.areas.create("Kitchen")
    file = tmp_path / "core.area_registry.json"
    async with asyncio.timeout(10):
        while not file.exists():  # noqa: ASYNC110 - a file cannot be awaited
            await asyncio.sleep(0.02)
    assert file.stat().st_mode & 0o777 == 0o600
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


async def test_a_document_that_cannot_be_written_is_written_with_the_next_change(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    folder.write_text("a file where the folder should be")
    store = JsonStores(folder).store("doc")
    store.save(1, lambda: {"a": 1})
    await store.write_changed()
    folder.unlink()
    await store.write_changed()
    assert JsonStores(folder).store("doc").load(1, lambda data, _: data) == {"a": 1}


def test_what_is_removed_is_named_nowhere_any_more(registries: Registries) -> None:
    floor, area = registries.floors.create("Attic"), registries.areas.create("Study")
    label = registries.labels.create("Fragile")
    registries.areas.update(area.area_id, floor_id=floor.floor_id, labels=(label.label_id,))
    device = registries.devices.ensure(identifiers=[("toy", "1")])
    registries.devices.update(device.id, area_id=area.area_id, labels=(label.label_id,))

    registries.floors.remove(floor.floor_id)
    registries.labels.remove(label.label_id)
    assert registries.areas.require(area.area_id) == replace(
        area, modified_at=registries.areas.require(area.area_id).modified_at
    )
    registries.areas.remove(area.area_id)
    assert registries.devices.require(device.id).area_id is None
    assert registries.devices.require(device.id).labels == ()


def test_places_are_put_in_an_order(registries: Registries) -> None:
    for name in ("Hall", "Kitchen", "Study"):
        registries.areas.create(name)
    registries.areas.reorder(["study", "hall", "kitchen"])
    assert [area.area_id for area in registries.areas] == ["study", "hall", "kitchen"]
    with pytest.raises(InvalidInput, match="every area once, got hall"):
        registries.areas.reorder(["hall"])
