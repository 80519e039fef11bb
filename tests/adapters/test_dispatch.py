from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from hub.adapters.attribution import WINDOW
from hub.adapters.interfaces import EntityCall, Report
from hub.core.actions import Action, ActionResult, Outcome, Target
from hub.core.callers import SYSTEM
from hub.core.context import Context
from hub.core.events import Event, StateChanged
from hub.errors import ActionTimeout, ConnectionLost, DeviceRefused, InvalidInput, UnknownAction
from tests.adapters.conftest import Home

LAMP = "light.desk_lamp"


async def call(
    home: Home, name: str = "light.turn_on", target: Mapping[str, Any] | None = None, **data: Any
) -> ActionResult:
    action = Action(name=name, target=Target.parse({"entity_id": LAMP} if target is None else target), data=data)
    return await home.actions.call(action, context=Context("user", user_id="u"), caller=SYSTEM)


async def test_an_action_reaches_the_adapter_validated_and_resolved(home: Home) -> None:
    await home.begin()
    result = await call(home, target={"area_id": "study"}, brightness_pct="50")
    assert result.outcome is Outcome.ACCEPTED
    assert result.entities == (LAMP,)
    assert home.adapter.calls == [
        EntityCall(action="light.turn_on", unique_ids=("lamp",), data=home.adapter.calls[0].data)
    ]
    assert home.adapter.calls[0].data["brightness_pct"] == 50


async def test_the_intent_is_audited_before_the_act_and_the_outcome_after(home: Home) -> None:
    await home.begin()
    during: list[str | None] = []

    async def look(call: EntityCall) -> None:
        during.append(home.audit.rows[0][1])

    home.adapter.execution = look
    await call(home)
    entry, outcome = home.audit.rows[0]
    assert (during, outcome) == ([None], "accepted")
    assert (entry.kind, entry.subject, entry.detail["entities"]) == ("action", "light.turn_on", [LAMP])


async def test_nothing_is_done_that_cannot_be_audited(home: Home) -> None:
    await home.begin()
    home.audit.full = True
    result = await call(home)
    assert result.outcome is Outcome.REFUSED
    assert "disk is full" in (result.error or "")
    assert home.adapter.calls == []


@pytest.mark.parametrize("refused", ["light.turn_on", LAMP])
async def test_what_the_caller_may_not_do_is_refused_and_audited(home: Home, refused: str) -> None:
    await home.begin()
    home.gate.refused = {refused}
    result = await call(home)
    assert (result.outcome, result.error_key) == (Outcome.REFUSED, "unauthorized")
    assert home.adapter.calls == []
    assert home.audit.rows[0][1] == "refused"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DeviceRefused("not now"), Outcome.FAILED),
        (ConnectionLost("gone"), Outcome.FAILED),
        (ActionTimeout("silence"), Outcome.UNKNOWN),
        (ZeroDivisionError("a defect"), Outcome.FAILED),
    ],
)
async def test_how_a_device_fails_is_the_outcome(home: Home, error: Exception, outcome: Outcome) -> None:
    await home.begin()

    async def fail(call: EntityCall) -> None:
        raise error

    home.adapter.execution = fail
    result = await call(home)
    assert result.outcome is outcome
    assert str(error) in (result.error or "")
    assert home.audit.rows[0][1] == outcome


async def test_a_device_that_does_not_answer_leaves_the_outcome_unknown(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.begin()

    async def hang(call: EntityCall) -> None:
        raise TimeoutError  # what asyncio.timeout raises when the description's ten seconds are over

    home.adapter.execution = hang
    result = await call(home)
    assert result.outcome is Outcome.UNKNOWN
    assert "No answer to light.turn_on in 10 s" in (result.error or "")


async def test_a_generic_action_becomes_the_domains_own(home: Home) -> None:
    await home.begin()
    result = await call(home, "homeassistant.turn_off", {"entity_id": [LAMP, "sensor.none"]})
    assert result.entities == (LAMP,)
    assert home.adapter.calls[0].action == "light.turn_off"


async def test_older_clients_put_the_target_into_the_data(home: Home) -> None:
    await home.begin()
    result = await call(home, "light.turn_on", {}, entity_id=LAMP, brightness=10)
    assert result.entities == (LAMP,)
    assert "entity_id" not in home.adapter.calls[0].data


async def test_what_does_not_exist_is_left_out_and_what_is_unavailable_is_named(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    await home.begin()
    assert (await call(home, target={"entity_id": "light.none"})).outcome is Outcome.ACCEPTED
    assert "light.none, which does not exist" in caplog.text
    home.host.available(False)
    result = await call(home)
    assert (result.outcome, result.error) == (Outcome.FAILED, "Desk lamp cannot be reached at the moment")
    assert home.adapter.calls == []


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("light.fly", {}, UnknownAction),
        ("light.turn_on", {"brightness": "x"}, InvalidInput),
        ("light.turn_on", {"no": 1}, InvalidInput),
    ],
)
async def test_a_malformed_action_is_refused_before_anything_happens(
    home: Home, name: str, data: dict[str, Any], error: type[Exception]
) -> None:
    await home.begin()
    with pytest.raises(error):
        await call(home, name, **data)
    assert home.audit.rows == []


async def test_the_echo_of_an_action_carries_its_context_for_five_seconds(home: Home) -> None:
    await home.begin()
    changes: list[StateChanged] = []
    home.bus.listen("state_changed", changes.append)
    context = Context("automation.a", user_id="u", depth=3)
    action = Action(name="light.turn_on", target=Target(entity_id=(LAMP,)))
    await home.actions.call(action, context=context, caller=SYSTEM)
    home.host.report(Report(unique_id="lamp", state="on"))
    home.host.report(Report(unique_id="lamp", state="on", attributes={"brightness": 9}))
    await home.clock.advance(WINDOW + 0.1)
    home.host.report(Report(unique_id="lamp", state="off"))
    assert [change.context.depth for change in changes] == [3, 3, 0]
    assert changes[0].context is context


async def test_the_call_is_announced_on_the_bus(home: Home) -> None:
    await home.begin()
    events: list[Event] = []
    home.bus.listen("call_service", events.append)
    await call(home, brightness=3)
    assert events[0].data == {
        "domain": "light",
        "service": "turn_on",
        "service_data": {**home.adapter.calls[0].data, "entity_id": [LAMP]},
    }


async def test_calls_to_several_devices_go_out_together(home: Home) -> None:
    await home.begin()
    both = asyncio.Event()

    async def wait(call: EntityCall) -> None:
        if len(home.adapter.calls) == 2:
            both.set()
        await both.wait()

    home.adapter.execution = wait
    results = await asyncio.gather(call(home), call(home, "light.turn_off"))
    assert [result.outcome for result in results] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
