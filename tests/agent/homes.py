"""Small homes and strategies for tests that need no hub."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.agent.home import Home, Place, Thing
from hub.agent.kinds import kind_of
from hub.agent.normalise import normalise


def place(name: str, *ids: str) -> Place:
    return Place(names=(normalise(name),), written=(name,), ids=frozenset(ids or {normalise(name).replace(" ", "_")}))


def thing(entity_id: str, name: str, area: str | None = None, *aliases: str, **values: Any) -> Thing:
    written = (name, *aliases)
    device_class = values.get("device_class")
    return Thing(
        entity_id=entity_id,
        kind=kind_of(entity_id.partition(".")[0], device_class),
        names=tuple(normalise(text) for text in written),
        written=written,
        area_id=area,
        **values,
    )


LIVING, KITCHEN, BEDROOM = place("Living Room"), place("Kitchen"), place("Bedroom")
UPSTAIRS = place("Upstairs", "first")

HOME = Home(
    things=(
        thing("light.sofa", "Sofa Lamp", "living_room", floor_id="ground"),
        thing("light.ceiling", "Ceiling Light", "living_room", floor_id="ground"),
        thing("light.kitchen", "Kitchen Light", "kitchen", "厨房灯", floor_id="ground"),
        thing("light.bed", "Bedroom Lamp", "bedroom", "卧室灯", floor_id="first"),
        thing("lock.front", "Front Door", "living_room", "前门", floor_id="ground"),
        thing("lock.back", "Back Door", "kitchen", floor_id="ground"),
        thing("cover.garage", "Garage Door", None, device_class="garage"),
        thing("cover.curtain", "Bedroom Curtain", "bedroom", device_class="curtain", floor_id="first"),
        thing("climate.hall", "Thermostat", "living_room", floor_id="ground"),
        thing("media_player.tv", "TV", "living_room", floor_id="ground"),
        thing("switch.kettle", "Kettle", "kitchen", floor_id="ground"),
    ),
    areas=(LIVING, KITCHEN, BEDROOM),
    floors=(UPSTAIRS,),
)

names = st.text(min_size=1, max_size=40)
domains = st.sampled_from(["light", "lock", "cover", "climate", "sensor", "binary_sensor", "media_player", "script"])


@st.composite
def homes(draw: st.DrawFn) -> Home:
    """Any home: names in any script, with quotes, newlines and control characters."""
    areas = tuple(
        Place(names=(spoken,), written=(name,), ids=frozenset({f"area_{number}"}))
        for number, name in enumerate(draw(st.lists(names, max_size=4)))
        if (spoken := normalise(name))
    )
    things = []
    for number, name in enumerate(draw(st.lists(names, max_size=15))):
        if normalise(name):
            domain = draw(domains)
            area = draw(st.sampled_from([None, *(id_ for area in areas for id_ in area.ids)]))
            device_class = draw(st.none() | st.text(max_size=10))
            things.append(thing(f"{domain}.x_{number}", name, area, device_class=device_class))
    return Home(things=tuple(things), areas=areas, floors=tuple(areas[:1]))
