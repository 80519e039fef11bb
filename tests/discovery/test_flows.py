from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.interfaces import DiscoveredDevice
from hub.errors import InvalidInput, NotFound
from tests.discovery.conftest import Home, Lamp, found, make_home


async def test_a_user_adds_a_device_by_filling_in_the_form(home: Home, lamp: Lamp) -> None:
    form = await home.flows.start("lamp")
    assert (form["type"], form["handler"], form["step_id"], form["errors"]) == ("form", "lamp", "user", {})
    assert [field["name"] for field in form["data_schema"]] == ["host", "port", "password"]
    step = await home.flows.submit(form["flow_id"], {"host": "127.0.0.1", "port": str(lamp.port), "password": "right"})
    [entry] = home.entries.of("lamp")
    assert (step["type"], step["title"], step["result"]["entry_id"]) == ("create_entry", "Lamp lamp-1", entry.entry_id)
    assert (entry.unique_id, entry.source) == ("lamp-1", "user")
    assert entry.data == {"host": "127.0.0.1", "port": lamp.port, "password": "right"}
    assert home.changes() == ["added", "removed"]


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        (
            {"host": "127.0.0.1", "port": 70000, "password": "x"},
            {"port": "Expected a number from 1 to 65535, got 70000"},
        ),
        ({"host": "127.0.0.1", "port": "", "password": "x"}, {"port": "Required key not provided"}),
        ({"port": 5, "password": "x", "colour": "red"}, {"colour": "Extra keys not allowed"}),
        ({"port": 1, "password": "x"}, {"port": "Expected another port than 1"}),
        ({"port": 2, "password": "x"}, {"base": "Lamps failed (RuntimeError): the hub's log says more"}),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(home: Home, values: dict[str, Any], errors: dict[str, str]) -> None:
    form = await home.flows.start("lamp")
    step = await home.flows.submit(form["flow_id"], values)
    assert (step["type"], step["errors"]) == ("form", errors)
    assert step["error_keys"] == {field: "defect" if field == "base" else "invalid_input" for field in errors}
    assert not home.entries.of("lamp")


async def test_after_an_error_the_form_holds_what_was_entered_but_no_secret(home: Home, lamp: Lamp) -> None:
    form = await home.flows.start("lamp")
    step = await home.flows.submit(form["flow_id"], {"host": "localhost", "port": lamp.port, "password": "wrong"})
    assert step["errors"] == {"base": "Expected the password on the lamp's label"}
    assert step["error_keys"] == {"base": "invalid_auth"}
    defaults = {field["name"]: field.get("default") for field in step["data_schema"]}
    assert defaults == {"host": "localhost", "port": lamp.port, "password": None}
    step = await home.flows.submit(form["flow_id"], {"host": "localhost", "port": lamp.port, "password": "right"})
    assert step["type"] == "create_entry"


async def test_a_device_that_does_not_answer_is_told_after_the_timeout(home: Home, lamp: Lamp) -> None:
    home.flows._timeout = 0.05
    lamp.answering.clear()
    form = await home.flows.start("lamp")
    step = await home.flows.submit(form["flow_id"], {"port": lamp.port, "password": "right"})
    assert step["errors"]["base"].startswith("Expected an answer within 0.05 seconds, got none")
    assert step["error_keys"] == {"base": "timeout"}
    lamp.answering.set()


async def test_a_discovered_device_is_offered_and_asks_only_for_what_is_not_known(home: Home, lamp: Lamp) -> None:
    home.flows.discovered(found(lamp, title="Lamp\x1b[2J \u202e in the hall"))
    [offered] = home.flows.progress()
    assert offered == {
        "flow_id": offered["flow_id"],
        "handler": "lamp",
        "step_id": "discovery_confirm",
        "context": {
            "source": "zeroconf",
            "unique_id": "lamp-1",
            "title_placeholders": {"name": "Lamp[2J in the hall"},
            "discovery_key": {"domain": "zeroconf", "key": "lamp-1", "version": 1},
        },
    }
    form = home.flows.step(offered["flow_id"])
    assert [field["name"] for field in form["data_schema"]] == ["password"]
    step = await home.flows.submit(offered["flow_id"], {"password": "right"})
    assert step["type"] == "create_entry"
    [entry] = home.entries.of("lamp")
    assert (entry.unique_id, entry.source, entry.data["port"]) == ("lamp-1", "zeroconf", lamp.port)
    assert home.flows.progress() == []


async def test_seeing_a_device_again_offers_it_once_and_renews_what_is_known(home: Home, lamp: Lamp) -> None:
    for _ in range(3):
        home.flows.discovered(found(lamp))
    home.flows.discovered(found(lamp, title="Lamp by the window"))
    assert home.changes() == ["added", "updated"]
    [offered] = home.flows.progress()
    assert offered["context"]["title_placeholders"] == {"name": "Lamp by the window"}


async def test_goodbye_takes_the_offer_back(home: Home, lamp: Lamp) -> None:
    home.flows.discovered(found(lamp))
    home.flows.withdrawn("lamp", "lamp-1")
    home.flows.withdrawn("lamp", "never-seen")
    assert home.flows.progress() == []
    assert home.changes() == ["added", "removed"]


async def test_ignoring_lasts_over_a_restart(home: Home, lamp: Lamp, tmp_path: Path) -> None:
    home.flows.discovered(found(lamp))
    home.flows.ignore(home.flows.progress()[0]["flow_id"])
    home.flows.discovered(found(lamp))
    assert home.flows.progress() == []
    home.stores.flush()
    later = make_home(tmp_path)
    later.flows.discovered(found(lamp))
    assert later.flows.progress() == []


async def test_what_was_ignored_can_still_be_added_by_hand_and_is_ignored_no_more(home: Home, lamp: Lamp) -> None:
    home.flows.discovered(found(lamp))
    home.flows.ignore(home.flows.progress()[0]["flow_id"])
    form = await home.flows.start("lamp")
    await home.flows.submit(form["flow_id"], {"port": lamp.port, "password": "right"})
    [entry] = home.entries.of("lamp")
    home.entries.remove(entry.entry_id)
    assert [flow["context"]["unique_id"] for flow in home.flows.progress()] == ["lamp-1"]


async def test_the_same_device_is_not_added_twice(home: Home, lamp: Lamp) -> None:
    values = {"port": lamp.port, "password": "right"}
    forms = [await home.flows.start("lamp") for _ in range(2)]
    assert (await home.flows.submit(forms[0]["flow_id"], values))["type"] == "create_entry"
    second = await home.flows.submit(forms[1]["flow_id"], values)
    assert (second["type"], second["reason"]) == ("abort", "already_configured")
    assert len(home.entries.of("lamp")) == 1


async def test_two_clicks_on_submit_make_one_entry(home: Home, lamp: Lamp) -> None:
    form = await home.flows.start("lamp")
    values = {"port": lamp.port, "password": "right"}
    clicks = [home.flows.submit(form["flow_id"], values) for _ in range(2)]
    first, second = await asyncio.gather(*clicks, return_exceptions=True)
    assert isinstance(first, dict)
    assert isinstance(second, NotFound)
    assert len(home.entries.of("lamp")) == 1


async def test_a_dialog_closed_while_the_device_is_tried_makes_no_entry(home: Home, lamp: Lamp) -> None:
    lamp.answering.clear()
    form = await home.flows.start("lamp")
    submitted = asyncio.create_task(home.flows.submit(form["flow_id"], {"port": lamp.port, "password": "right"}))
    await lamp.touched.wait()
    home.flows.abort(form["flow_id"])
    lamp.answering.set()
    with pytest.raises(NotFound):
        await submitted
    assert not home.entries.of("lamp")


async def test_another_device_at_the_announced_address_is_not_taken_for_it(home: Home, lamp: Lamp) -> None:
    device = DiscoveredDevice(
        integration="lamp", unique_id="lamp-2", title="Lamp 2", source="zeroconf", data=found(lamp).data
    )
    home.flows.discovered(device)
    step = await home.flows.submit(home.flows.progress()[0]["flow_id"], {"password": "right"})
    assert step["errors"]["base"].startswith("Expected Lamp 2 at this address, got Lamp lamp-1")
    assert step["error_keys"] == {"base": "another_device"}
    assert not home.entries.of("lamp")


async def test_a_configured_device_is_not_offered_and_an_offer_ends_when_it_is_configured(
    home: Home, lamp: Lamp
) -> None:
    home.flows.discovered(found(lamp))
    home.entries.create("lamp", "Lamp", {}, unique_id="lamp-1", source="yaml")
    assert home.flows.progress() == []
    home.flows.discovered(found(lamp))
    assert home.flows.progress() == []


async def test_discovery_cannot_flood_the_user_with_offers(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(250):
        home.flows.discovered(found(Lamp(f"lamp-{number}")))
    assert len(home.flows.progress()) == 100
    assert "150 devices were found beyond the 100 on offer" in caplog.text


async def test_dialogs_that_users_left_open_make_room_for_new_ones(home: Home) -> None:
    forms = [await home.flows.start("lamp") for _ in range(25)]
    with pytest.raises(NotFound, match="begin it again"):
        home.flows.step(forms[4]["flow_id"])
    assert home.flows.step(forms[5]["flow_id"])["type"] == "form"
    assert home.flows.progress() == [], "dialogs of users are nobody else's affair"


async def test_an_integration_that_can_be_set_up_once_says_so(home: Home) -> None:
    home.entries.create("alone", "Alone", {})
    step = await home.flows.start("alone")
    assert (step["type"], step["reason"]) == ("abort", "single_instance_allowed")


@pytest.mark.parametrize(
    ("integration", "error", "message"),
    [
        ("nothing", NotFound, "Expected an installed integration"),
        ("broken", InvalidInput, "could not be loaded"),
        ("silent", InvalidInput, "configure it in hearth.yaml"),
    ],
)
async def test_what_has_no_dialog_says_so(home: Home, integration: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        await home.flows.start(integration)


async def test_only_what_was_discovered_can_be_ignored(home: Home) -> None:
    form = await home.flows.start("lamp")
    with pytest.raises(InvalidInput, match="abort it instead"):
        home.flows.ignore(form["flow_id"])
