"""A hub and a real Home Assistant, bridged."""

from __future__ import annotations

from typing import Any

from hearth_home_assistant.choice import Choice
from hearth_home_assistant.config import EXCLUDE
from hearth_home_assistant.connection import Connection
from hearth_home_assistant.testing import HomeAssistant
from hub import DOMAINS
from integrations.home_assistant.tests.conftest import Bridged, act, ask, state_of, talking_to

CHOICE = Choice(DOMAINS, ["*"], EXCLUDE)


async def test_entities_arrive_with_their_ids_names_classes_and_devices(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        hub = running.hub
        theirs = {row["entity_id"]: row for row in demo.ask("states")}
        wanted = {entity_id for entity_id in theirs if CHOICE.by_id(entity_id) is None}
        ours = {entity.entity_id for entity in hub.registries.entities if entity.integration == "home_assistant"}
        assert wanted <= ours
        assert len(wanted) > 80
        for entity_id in wanted:
            state = hub.states.get(entity_id)
            assert state is not None
            assert state.state == theirs[entity_id]["state"]
            for name in ("device_class", "unit_of_measurement", "supported_features"):
                assert state.attributes.get(name) == theirs[entity_id]["attributes"].get(name)
        temperature = hub.states.get("sensor.outside_temperature")
        assert temperature is not None
        assert temperature.attributes["friendly_name"] == "Outside Temperature"
        entity = hub.registries.entities.get("sensor.outside_temperature")
        assert entity is not None
        device = hub.registries.device_of(entity)
        assert device is not None
        assert device.name == "Outside Temperature"


async def test_what_the_hub_does_not_know_is_counted(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        counted = running.hub.states.get("sensor.a_real_home_entities_left_out")
        assert counted is not None
        kinds = {state["entity_id"].partition(".")[0] for state in demo.ask("states")}
        assert int(counted.state) > 0
        assert set(counted.attributes) & kinds


async def test_a_light_is_switched_both_ways(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        await act(running, "light.turn_on", entity_id="light.bed_light", brightness=100)
        assert state_of(running, "light.bed_light") == "on"
        theirs = demo.ask("states/light.bed_light")
        assert (theirs["state"], theirs["attributes"]["brightness"]) == ("on", 100)
        demo.ask("services/light/turn_off", {"entity_id": "light.bed_light"})
        await running.until(lambda: state_of(running, "light.bed_light") == "off")


async def test_a_thermostat_is_set(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        await act(running, "climate.set_temperature", entity_id="climate.hvac", temperature=24)
        assert demo.ask("states/climate.hvac")["attributes"]["temperature"] == 24
        state = running.hub.states.get("climate.hvac")
        assert state is not None
        assert state.attributes["temperature"] == 24


async def test_several_entities_take_one_action(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        blinds = ["cover.living_room_window", "cover.hall_window"]
        await act(running, "cover.stop_cover", entity_id=blinds)
        await act(running, "lock.unlock", entity_id=["lock.front_door", "lock.openable_lock"])
        await running.until(lambda: state_of(running, "lock.front_door") == "unlocked")
        await running.until(lambda: state_of(running, "lock.openable_lock") == "unlocked")


async def test_a_refusal_is_told_in_home_assistants_words(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        status, answer = await ask(running, "POST", "services/update/install", {"entity_id": "update.demo_no_update"})
        assert status != 200
        assert "No update available for update.demo_no_update" in str(answer)


async def test_an_action_that_answers_gives_its_answer_by_the_ids_here(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        running.hub.registries.entities.update("weather.demo_weather_south", new_entity_id="weather.home")
        path = "services/weather/get_forecasts?return_response"
        _, answer = await ask(running, "POST", path, {"entity_id": "weather.home", "type": "daily"})
        forecast = answer["service_response"]["weather.home"]["forecast"]
        assert {"condition", "temperature"} <= set(forecast[0])


async def test_a_camera_shows_its_picture(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        entity = running.hub.registries.entities.get("camera.demo_camera")
        assert entity is not None
        source = running.hub.supervisor.picture_source(entity.config_entry_id)
        assert source is not None
        picture = await source.picture(entity.unique_id)
        assert picture is not None
        assert (picture.content_type, picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


async def test_areas_and_floors_arrive_and_a_renamed_area_follows(demo: HomeAssistant, bridged: Bridged) -> None:
    async with talking_to(demo) as there:
        area = await there.ask("config/area_registry/create", name="Studio", **await _floor(there))
        [device] = [row for row in await there.ask("config/device_registry/list") if row["name"] == "Ceiling Lights"]
        await there.ask("config/device_registry/update", device_id=device["id"], area_id=area["area_id"])
        async with bridged(demo) as running:
            registries = running.hub.registries
            studio = registries.areas.named("Studio")
            assert studio is not None
            floors = [(each.name, each.level) for each in registries.floors]
            assert floors == ([("Upper floor", 1)] if studio.floor_id else [])
            entity = registries.entities.get("light.ceiling_lights")
            assert entity is not None
            assert registries.area_of(entity) == studio
            await there.ask("config/area_registry/update", area_id=area["area_id"], name="Atelier")
            await running.until(lambda: registries.areas.named("Atelier"))
            renamed = registries.areas.named("Atelier")
            assert renamed is not None
            assert renamed.area_id == studio.area_id
            await there.ask("config/area_registry/create", name="Cellar")
            await running.until(lambda: registries.areas.named("Cellar"))


async def test_a_renamed_entity_keeps_its_id_here_and_still_acts(demo: HomeAssistant, bridged: Bridged) -> None:
    async with talking_to(demo) as there, bridged(demo) as running:
        change: dict[str, Any] = {"entity_id": "switch.ac", "name": "Cooling", "new_entity_id": "switch.cooling"}
        await there.ask("config/entity_registry/update", **change)
        await running.until(lambda: _name(running, "switch.ac") == "Cooling")
        assert state_of(running, "switch.cooling") is None
        await act(running, "switch.turn_on", entity_id="switch.ac")
        assert demo.ask("states/switch.cooling")["state"] == "on"
        await running.until(lambda: state_of(running, "switch.ac") == "on")


async def test_what_is_hidden_there_goes_and_comes_back(demo: HomeAssistant, bridged: Bridged) -> None:
    async with talking_to(demo) as there, bridged(demo) as running:
        await there.ask("config/entity_registry/update", entity_id="number.volume", hidden_by="user")
        await running.until(lambda: running.hub.registries.entities.get("number.volume") is None)
        await there.ask("config/entity_registry/update", entity_id="number.volume", hidden_by=None)
        await running.until(lambda: state_of(running, "number.volume") == "42.0")


async def test_what_was_removed_while_the_hub_was_down_is_removed_here(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo) as running:
        assert state_of(running, "text.password") == "Hello world"
    async with talking_to(demo) as there:
        await there.ask("config/entity_registry/update", entity_id="text.password", hidden_by="user")
        async with bridged(demo) as running:
            await running.until(lambda: running.hub.registries.entities.get("text.password") is None)
        await there.ask("config/entity_registry/update", entity_id="text.password", hidden_by=None)


async def test_events_that_were_asked_for_are_forwarded_with_the_device_here(
    demo: HomeAssistant, bridged: Bridged
) -> None:
    async with talking_to(demo) as there, bridged(demo, events=["zha_event"]) as running:
        heard: list[Any] = []
        running.hub.bus.listen("zha_event", lambda event: heard.append(event.data))
        [theirs] = [row["id"] for row in await there.ask("config/device_registry/list") if row["name"] == "Push"]
        demo.ask("events/other_event", {"command": "off"})
        demo.ask("events/zha_event", {"command": "toggle", "device_id": theirs})
        await running.until(lambda: heard)
        [ours] = [device.id for device in running.hub.registries.devices if device.name == "Push"]
        assert heard == [{"command": "toggle", "device_id": ours, "bridged_from": f"127.0.0.1:{demo.port}"}]


async def test_an_automation_here_turns_on_a_light_there(demo: HomeAssistant, bridged: Bridged) -> None:
    automation = {
        "alias": "Light on motion",
        "triggers": [{"trigger": "state", "entity_id": "switch.decorative_lights", "to": "off"}],
        "actions": [{"action": "light.turn_on", "target": {"entity_id": "light.bed_light"}}],
    }
    async with bridged(demo) as running:
        await act(running, "light.turn_off", entity_id="light.bed_light")
        await act(running, "switch.turn_on", entity_id="switch.decorative_lights")
        status, answer = await ask(running, "POST", "config/automation/config/motion", automation)
        assert status == 200, answer
        demo.ask("services/switch/turn_off", {"entity_id": "switch.decorative_lights"})
        await running.until(lambda: state_of(running, "light.bed_light") == "on")
        assert demo.ask("states/light.bed_light")["state"] == "on"


async def test_globs_choose_what_comes(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo, include=["light.*", "sensor.*"], exclude=["sensor.sun_*"]) as running:
        entities = [entity for entity in running.hub.registries.entities if entity.integration == "home_assistant"]
        assert {entity.domain for entity in entities} == {"light", "sensor"}
        assert state_of(running, "sensor.sun_next_dawn") is None


async def _floor(there: Connection) -> dict[str, Any]:
    """Make a floor, and return what puts an area on it: nothing before 2024.4, when there were none."""
    version = (await there.ask("get_config"))["version"]
    if tuple(map(int, version.split(".")[:2])) < (2024, 4):
        return {}
    floor = await there.ask("config/floor_registry/create", name="Upper floor", level=1)
    return {"floor_id": floor["floor_id"]}


def _name(running: Any, entity_id: str) -> str | None:
    state = running.hub.states.get(entity_id)
    return None if state is None else state.name
