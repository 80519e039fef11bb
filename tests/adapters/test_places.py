from __future__ import annotations

from hub import AreaDescription, DeviceDescription, EntityDescription
from hub.testing import MemoryHome

SWITCH = EntityDescription(domain="switch", unique_id="s", name="Pump", area="Cellar")


def test_an_area_is_made_with_its_floor_and_one_that_is_there_stays_as_it_is() -> None:
    home = MemoryHome("test")
    home.registries.areas.create("Hall")
    for name in ("Studio", "hall"):
        home.host.add(AreaDescription(name=name, floor="Attic", level=2, icon="mdi:brush"))
    studio, hall = (home.registries.areas.named(name) for name in ("Studio", "Hall"))
    assert studio is not None
    assert hall is not None
    assert [(floor.floor_id, floor.name, floor.level) for floor in home.registries.floors] == [("attic", "Attic", 2)]
    assert (studio.floor_id, studio.icon, hall.floor_id) == ("attic", "mdi:brush", None)


def test_an_area_is_renamed_by_its_former_name_and_not_made_anew() -> None:
    home = MemoryHome("test")
    home.host.add(AreaDescription(name="Studio"))
    home.host.add(AreaDescription(name="Atelier", formerly="Studio"))
    home.host.add(AreaDescription(name="Office", formerly="Study"))
    assert [(area.area_id, area.name) for area in home.registries.areas] == [("studio", "Atelier")]


def test_an_entity_suggests_an_area_once() -> None:
    home = MemoryHome("test")
    device = DeviceDescription(identifiers=("d",), name="Machine", area="Workshop")
    home.host.add(EntityDescription(domain="switch", unique_id="t", device=device))
    home.host.add(SWITCH)
    entity = home.entity_of("s")
    assert entity is not None
    assert entity.area_id == "cellar"
    home.registries.entities.update(entity.entity_id, area_id="workshop")
    home.host.add(SWITCH)
    moved = home.entity_of("s")
    assert moved is not None
    assert moved.area_id == "workshop"
