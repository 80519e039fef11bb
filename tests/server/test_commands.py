"""The commands of Home Assistant's clients beyond states and registries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.config.home import HomeSettings
from hub.config.settings import load_settings
from hub.config.store import JsonStore
from hub.core.context import Context
from hub.core.events import LOGBOOK_ENTRY, Event
from hub.errors import Refused
from hub.testing import RunningHub
from tests.server.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG_AGO = "2020-01-01T00:00:00Z"


def put(home: RunningHub, entity_id: str, state: str, **attributes: Any) -> None:
    home.hub.states.set(entity_id, state, attributes, context=Context("test"))


async def test_a_trigger_is_followed_until_the_client_has_enough(home: RunningHub, client: Client) -> None:
    put(home, "light.t", "off")
    trigger = [{"trigger": "state", "entity_id": "light.t", "to": "on", "id": "mine"}]
    await client.result("subscribe_trigger", trigger=trigger)
    put(home, "light.t", "on")
    event = (await client.event())["event"]
    fired = event["variables"]["trigger"]
    assert (fired["id"], fired["platform"], fired["to_state"]["state"]) == ("mine", "state", "on")
    assert event["context"]["user_id"] is None
    await client.result("unsubscribe_events", subscription=1)
    put(home, "light.t", "off")
    put(home, "light.t", "on")
    await client.result("get_config")
    assert client.events == []


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"condition": "state", "entity_id": "light.c", "state": "on"}, True),
        ([{"condition": "state", "entity_id": "light.c", "state": "off"}], False),
        ("{{ is_state('light.c', wanted) }}", True),
    ],
)
async def test_a_condition_is_tested_now(home: RunningHub, client: Client, condition: Any, holds: bool) -> None:
    put(home, "light.c", "on")
    answer = await client.result("test_condition", condition=condition, variables={"wanted": "on"})
    assert answer == {"result": holds}


async def test_what_is_wrong_with_a_part_of_an_automation_is_said(client: Client) -> None:
    answer = await client.result(
        "validate_config",
        triggers={"trigger": "nope"},
        conditions=[{"condition": "state", "entity_id": "light.a", "state": "on"}],
        actions=[{"action": "light.turn_on", "data": {"x": "{{ 1 +"}}],
    )
    assert {key: row["valid"] for key, row in answer.items()} == {
        "triggers": False,
        "conditions": True,
        "actions": False,
    }
    assert "'nope'" in answer["triggers"]["error"]
    assert answer["conditions"]["error"] is None


async def test_steps_are_carried_out_and_answer(home: RunningHub, client: Client) -> None:
    await client.result("subscribe_events", event_type="from_script")
    sequence = [
        {"variables": {"answer": {"n": 42}}},
        {"event": "from_script", "event_data": {"who": "{{ name }}"}},
        {"stop": "done", "response_variable": "answer"},
    ]
    answer = await client.ask("execute_script", sequence=sequence, variables={"name": "Ada"})
    assert answer["result"]["response"] == {"n": 42}
    event = client.events[0]["event"]
    assert event["data"] == {"who": "Ada"}
    assert event["context"]["user_id"] == answer["result"]["context"]["user_id"]
    wrong = await client.ask("execute_script", sequence=[{"nope": 1}])
    assert wrong["error"]["code"] == "invalid_format"


async def test_categories_belong_to_a_list_and_entities_to_categories(home: RunningHub, client: Client) -> None:
    entity = home.hub.registries.entities.ensure(integration="mqtt", unique_id="cat", domain="light", suggested="cat")
    made = await client.result("config/category_registry/create", scope="automation", name="Night", icon="mdi:moon")
    assert set(made) == {"category_id", "name", "icon", "created_at", "modified_at"}
    key = {"scope": "automation", "category_id": made["category_id"]}
    changed = await client.result("config/category_registry/update", **key, name="Late")
    assert (changed["name"], changed["icon"]) == ("Late", "mdi:moon")
    assert await client.result("config/category_registry/list", scope="helpers") == []
    chosen = {"entity_id": entity.entity_id, "categories": {"automation": made["category_id"]}}
    entry = (await client.result("config/entity_registry/update", **chosen))["entity_entry"]
    assert entry["categories"] == chosen["categories"]
    none = {"entity_id": entity.entity_id, "categories": {"automation": None}}
    assert (await client.result("config/entity_registry/update", **none))["entity_entry"]["categories"] == {}
    wrong = await client.ask("config/category_registry/delete", scope="helpers", category_id=made["category_id"])
    assert wrong["error"]["code"] == "not_found"
    await client.result("config/category_registry/delete", **key)
    assert await client.result("config/category_registry/list", scope="automation") == []


async def test_the_last_entity_that_is_removed_takes_its_state_and_its_device_along(
    home: RunningHub, client: Client
) -> None:
    registries = home.hub.registries
    device = registries.devices.ensure(identifiers=[("mqtt", "gone")], config_entry="gone", integration="mqtt")
    entity = registries.entities.ensure(
        integration="mqtt",
        unique_id="gone",
        domain="light",
        suggested="gone",
        config_entry_id="gone",
        device_id=device.id,
    )
    put(home, entity.entity_id, "on")
    await client.result("config/entity_registry/remove", entity_id=entity.entity_id)
    assert home.hub.states.get(entity.entity_id) is None
    assert registries.devices.get(device.id) is None
    again = await client.ask("config/entity_registry/remove", entity_id=entity.entity_id)
    assert again["error"]["code"] == "not_found"


async def test_history_is_streamed_from_what_was_to_what_is(home: RunningHub, client: Client) -> None:
    put(home, "sensor.h", "1", unit="V")
    await client.result("history/stream", start_time=LONG_AGO, entity_ids=["sensor.h"], no_attributes=True)
    first = (await client.event())["event"]
    assert [row["s"] for row in first["states"]["sensor.h"]] == ["1"]
    put(home, "sensor.other", "1")
    put(home, "sensor.h", "2", unit="V")
    second = (await client.event())["event"]["states"]["sensor.h"]
    assert [set(row) for row in second] == [{"s", "lu"}]
    assert second[0]["s"] == "2"


async def test_the_logbook_tells_what_happened_and_why(home: RunningHub, client: Client) -> None:
    context, now = Context("user", user_id="ada"), home.hub.clock.time()
    put(home, "light.l", "off")
    put(home, "sensor.watts", "1", unit_of_measurement="W")
    await client.result("logbook/event_stream", start_time=LONG_AGO, entity_ids=["light.l", "sensor.watts", "door"])
    await client.event()
    called = {"domain": "light", "service": "turn_on", "service_data": {}}
    home.hub.bus.publish(Event("call_service", called, context, now))
    home.hub.states.set("light.l", "on", {}, context=context)
    put(home, "sensor.watts", "2", unit_of_measurement="W")
    (row,) = (await client.event())["event"]["events"]
    assert (row["entity_id"], row["state"]) == ("light.l", "on")
    assert (row["context_event_type"], row["context_service"], row["context_user_id"]) == (
        "call_service",
        "turn_on",
        "ada",
    )
    own = {"name": "Door", "message": "rang", "domain": "event", "entity_id": "door"}
    home.hub.bus.publish(Event(LOGBOOK_ENTRY, own, Context("test"), now))
    (row,) = (await client.event())["event"]["events"]
    assert (row["name"], row["message"]) == ("Door", "rang")
    recorded = await client.result("logbook/get_events", start_time=LONG_AGO, entity_ids=["light.l"])
    assert ("light.l", "on", "turn_on") in [
        (row["entity_id"], row["state"], row.get("context_service")) for row in recorded
    ]
    everything = await client.result("logbook/get_events", start_time=LONG_AGO)
    assert "started" in [row.get("message") for row in everything]
    assert "sensor.watts" not in [row.get("entity_id") for row in everything]
    chain = await client.result("logbook/get_events", start_time=LONG_AGO, context_id=context.id)
    assert [row["entity_id"] for row in chain] == ["light.l"]


async def test_what_belongs_together_is_found(home: RunningHub, client: Client) -> None:
    registries = home.hub.registries
    floor = registries.floors.ensure("Search floor")
    area = registries.areas.ensure("Search area", floor_id=floor.floor_id)
    device = registries.devices.ensure(identifiers=[("mqtt", "s")], area_id=area.area_id, integration="mqtt")
    light = registries.entities.ensure(
        integration="mqtt", unique_id="s", domain="light", suggested="searched", device_id=device.id
    )
    action = {"action": "light.turn_on", "target": {"entity_id": light.entity_id}}
    await home.hub.automations.write("searching", {"alias": "Searching", "triggers": [], "actions": [action]})
    await home.until(lambda: home.hub.states.get("automation.searching"))
    found = await client.result("search/related", item_type="entity", item_id=light.entity_id)
    expected = {
        "automation": ["automation.searching"],
        "device": [device.id],
        "area": ["search_area"],
        "floor": ["search_floor"],
    }
    assert found == expected
    of_automation = await client.result("search/related", item_type="automation", item_id="automation.searching")
    assert of_automation["entity"] == [light.entity_id]
    assert (await client.result("search/related", item_type="floor", item_id=floor.floor_id))["device"] == [device.id]
    assert await client.result("search/related", item_type="area", item_id="nowhere") == {}
    meant = await client.result("extract_from_target", target={"floor_id": [floor.floor_id], "area_id": ["nowhere"]})
    assert (meant["referenced_entities"], meant["missing_areas"]) == ([light.entity_id], ["nowhere"])
    assert meant["referenced_devices"] == [device.id]
    sources = await client.result("entity/source")
    assert sources[light.entity_id] == {"domain": "mqtt"}


async def test_manifests_are_those_of_the_installed_integrations(client: Client) -> None:
    assert (await client.result("manifest/get", integration="mqtt"))["name"] == "MQTT"
    (row,) = await client.result("manifest/list", integrations=["mqtt"])
    assert row["domain"] == "mqtt"
    assert (await client.ask("manifest/get", integration="nope"))["error"]["code"] == "not_found"


async def test_config_entries_are_followed_and_stopped(home: RunningHub, client: Client) -> None:
    entry = home.hub.entries.create("demo", "A speaker", {"host": "127.0.0.1", "port": 9})
    await client.result("config_entries/subscribe")
    first = (await client.event())["event"]
    assert ("demo", None) in [(change["entry"]["domain"], change["type"]) for change in first]
    await client.ask("config_entries/disable", entry_id=entry.entry_id, disabled_by="user")
    (change,) = (await client.event())["event"]
    assert (change["type"], change["entry"]["state"]) == ("updated", "not_loaded")
    assert (await client.result("config_entries/get_single", entry_id=entry.entry_id))["config_entry"][
        "disabled_by"
    ] == "user"
    assert await client.result("config_entries/subentries/list", entry_id=entry.entry_id) == []
    wrong = await client.ask("config_entries/subentries/delete", entry_id=entry.entry_id, subentry_id="x")
    assert wrong["error"]["code"] == "not_found"
    await client.ask("config_entries/delete", entry_id=entry.entry_id)
    assert (await client.event())["event"][0]["type"] == "removed"
    refused = await client.ask("config_entries/disable", entry_id="mqtt", disabled_by="user")
    assert refused["error"]["code"] == "invalid_format"


async def test_the_home_is_renamed_for_good(home: RunningHub, client: Client) -> None:
    await client.result("subscribe_events", event_type="core_config_updated")
    before = (await client.result("get_config"))["time_zone"]
    await client.ask("config/core/update", location_name="Casa", latitude=48.1, country="DE", time_zone=before)
    assert (await client.event())["event"]["data"] == {"location_name": "Casa", "latitude": 48.1, "country": "DE"}
    config = await client.result("get_config")
    assert (config["location_name"], config["country"], config["config_source"]) == ("Casa", "DE", "storage")
    assert (await client.result("hearth/overview"))["name"] == "Casa"
    for wrong in (
        {"time_zone": "Mars/Olympus"},
        {"latitude": 91},
        {"unit_system": "us_customary"},
        {"internal_url": "home"},
    ):
        assert (await client.ask("config/core/update", **wrong))["error"]["code"] == "invalid_format"


async def test_what_the_file_says_is_changed_in_the_file(tmp_path: Path) -> None:
    store = JsonStore(tmp_path / "core.config.json")
    HomeSettings(load_settings(tmp_path), store).update({"name": "From the dashboard", "currency": "CHF"})
    store.flush()
    (tmp_path / "hearth.yaml").write_text("name: From the file\n")
    home = HomeSettings(load_settings(tmp_path), JsonStore(tmp_path / "core.config.json"))
    assert (home.settings.name, home.settings.currency) == ("From the file", "CHF")
    with pytest.raises(Refused, match=r"name there"):
        home.update({"name": "Again"})
