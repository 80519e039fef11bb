"""The same integration in the hub's process and in one of its own: nobody else can tell the difference."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from hub.adapters.interfaces import EntityCall, Message
from hub.core.actions import Outcome
from hub.core.events import Event
from hub.errors import InvalidInput, StorageError
from tests.adapters.isolation.conftest import WildHome

BOTH = pytest.mark.parametrize("isolated", [False, True], ids=["in the hub", "isolated"])


async def test_isolated_its_code_is_in_another_process_alone(home: WildHome) -> None:
    await home.begin(isolated=True)
    told = await home.ask("pid")
    assert told["pid"] != os.getpid()
    assert told["nice"] > os.nice(0)
    assert "wild" not in sys.modules


async def test_a_manifest_may_ask_for_isolation(home: WildHome) -> None:
    home.entry = home.configure("wild", {}, plugins=home.wild_plugins())
    await home.until(lambda: home.shown("lamp") == "off")
    assert (await home.ask("pid"))["pid"] != os.getpid()


@BOTH
async def test_entities_appear_with_their_device_and_reports_become_states(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    entity = home.entity_of("lamp")
    assert entity is not None
    device, area = home.registries.device_of(entity), home.registries.area_of(entity)
    assert device is not None
    assert device.connections == (("mac", "aa:bb:cc:00:11:22"),)
    assert area is not None
    assert (area.name, entity.entity_id) == ("Study", "light.wild_lamp")
    assert home.how_it_is().connected is True


@BOTH
async def test_actions_are_carried_out_and_their_errors_have_the_same_words(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    done = await home.act("light.turn_on", "lamp", brightness=7)
    assert done.outcome is Outcome.ACCEPTED
    state = home.state_of("lamp")
    assert state is not None
    assert (state.state, state.attributes["brightness"]) == ("on", 7)
    refused = await home.act("light.turn_on", "lamp", effect="refuse")
    assert (refused.outcome, refused.error) == (Outcome.FAILED, "The lamp says no")
    defect = await home.do("defect")
    assert defect.outcome is Outcome.FAILED
    assert "The adapter failed:" in (defect.error or "")
    assert "oops" in (defect.error or "")


@BOTH
async def test_a_field_that_a_function_checks_is_checked_and_made_canonical(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    assert "pid" in await home.ask("PID")
    if isolated:
        assert "expected at most 20 characters" in ((await home.do("x" * 21)).error or "")
    else:  # it is refused before the adapter is asked
        with pytest.raises(InvalidInput, match="expected at most 20 characters"):
            await home.do("x" * 21)


@BOTH
async def test_documents_are_kept_over_a_restart(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    assert await home.ask("load") == {"seen": None, "other": None}
    await home.ask("save", 7)
    assert (await home.ask("load"))["seen"] == {"number": 7}
    await home.restart()
    assert (await home.ask("load"))["seen"] == {"number": 7}


@BOTH
async def test_templates_are_rendered_and_fail_alike(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    told = await home.ask("render", 4)
    assert told["text"] == "5 steps"
    assert "division by zero" in told["error"]


@BOTH
async def test_audit_discovery_availability_tasks_and_removal_reach_the_hub(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    await home.ask("audit", 3)
    assert (home.audited[-1].kind, home.audited[-1].detail) == ("wild_deed", {"number": 3})
    await home.ask("discover", 1)
    await home.ask("discover", 2)
    await home.ask("withdraw", 1)
    await home.until(lambda: [device.unique_id for device in home.discovered] == ["2"])
    await home.ask("task")
    await home.until(lambda: home.shown("counter") == "42")
    await home.ask("hide")
    await home.until(lambda: home.shown("lamp") == "unavailable")
    await home.ask("remove")
    await home.until(lambda: home.entity_of("counter") is None)
    assert len(home.registries.devices) == 0


@BOTH
async def test_an_event_names_the_device_it_comes_from(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    heard: list[Event] = []
    home.bus.listen("wild_rings", heard.append)
    await home.ask("ring")
    assert [event.data for event in heard] == [{"how": "loud", "device_id": next(iter(home.registries.devices)).id}]


@BOTH
async def test_what_cannot_be_audited_is_not_done(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    home.audit.full = True
    adapter = home.supervisor.actuator(home.entry.entry_id)
    assert adapter is not None
    with pytest.raises(StorageError, match="disk is full"):
        await adapter.execute(EntityCall(action="wild.do", data={"what": "audit", "number": 1}))


@BOTH
async def test_messages_go_both_ways(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    messenger = home.supervisor.messenger(home.entry.entry_id)
    assert messenger is not None
    assert await messenger.send_message(Message(conversation="kitchen", sender="hub", text="你好")) is True
    assert await messenger.send_message(Message(conversation="kitchen", sender="hub", text="no")) is False
    await home.until(lambda: len(home.messages) == 2)
    assert home.messages[0] == Message(conversation="kitchen", sender="echo", text="你好")


@BOTH
async def test_pictures_arrive_byte_for_byte(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    source = home.supervisor.picture_source(home.entry.entry_id)
    assert source is not None
    picture = await source.picture("lamp")
    assert picture is not None
    assert (picture.content, picture.content_type) == (bytes(range(256)) * 1000, "image/png")
    assert await source.picture("counter") is None


@BOTH
async def test_triggers_fire_also_after_the_adapter_was_started_anew(home: WildHome, isolated: bool) -> None:
    fired: list[Mapping[str, Any]] = []
    early = home.supervisor.listen("wild", {"number": 1}, fired.append)
    await home.begin(isolated)
    home.supervisor.listen("wild", {"number": 2}, fired.append)
    await home.ask("fire", 1)
    await home.ask("fire", 2)
    assert [row["number"] for row in fired] == [1, 2]
    await home.restart()
    await home.ask("fire", 2)
    assert [row["number"] for row in fired] == [1, 2, 2]
    early()
    assert (await home.do("fire", 1)).outcome is Outcome.FAILED


@BOTH
async def test_who_comes_in_is_known_and_who_must_leave_is_told(home: WildHome, isolated: bool) -> None:
    home.doors.secrets["ada"] = "secret"
    await home.begin(isolated)
    assert await home.ask("authenticate") == {"name": "ada", "stranger": True}
    told: list[Event] = []
    home.bus.listen("wild_revoked", told.append)
    await home.ask("pid")  # what was said before has been heard
    home.doors.revoke("ada")
    await home.until(lambda: told)
    assert told[0].data == {"name": "ada"}


@BOTH
async def test_a_lost_connection_and_a_defect_have_the_same_reasons(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    await home.do("lose")
    assert await home.ended() == "The cable is out"
    assert home.shown("lamp") == "unavailable"
    await home.until(lambda: home.shown("lamp") == "off")
    await home.do("fail")
    assert await home.ended() == "ZeroDivisionError: oops"


@BOTH
async def test_an_adapter_that_returns_has_ended_by_itself(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    await home.do("end")
    assert await home.ended() == "It ended by itself"


@BOTH
async def test_an_adapter_that_is_stopped_may_take_its_leave(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    left: list[Event] = []
    home.bus.listen("wild_leaves", left.append)
    await home.ask("save", 8)
    await home.supervisor.stop(home.entry.entry_id)
    assert len(left) == 1
    assert home.stores[f"adapter.{home.entry.entry_id}.seen"].load(1, lambda data, _: data) == {"value": {"number": 8}}


@BOTH
async def test_wrong_settings_are_refused_with_the_same_words(home: WildHome, isolated: bool) -> None:
    home.entry = home.configure("wild", {"colour": "red"}, isolated=isolated, plugins=home.wild_plugins())
    plugins = home.plugins
    assert plugins is not None
    await home.until(lambda: plugins.get("wild").reason is not None)
    assert plugins.get("wild").reason == "extra keys not allowed @ data['colour'] in the settings of wild"
    assert home.adapter_health(home.entry) is None


@BOTH
async def test_only_plain_values_cross(home: WildHome, isolated: bool) -> None:
    await home.begin(isolated)
    result = await home.do("speak_nonsense")
    if isolated:
        assert result.error is not None
        assert "Expected plain values" in result.error
    assert home.how_it_is().running
