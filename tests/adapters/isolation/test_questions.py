"""The dialogs and discoveries of an integration whose code stays out of the hub's process."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from hub.adapters.interfaces import FoundService, Probed
from hub.core.clock import SystemClock
from hub.discovery import Flows
from hub.errors import ConnectionLost, InvalidInput, ProcessFailed
from hub.plugins.isolation import Isolation
from hub.plugins.manager import GROUP, Plugins
from hub.plugins.records import Status
from hub.testing import MemoryHome, MemoryStore

SERVICE = FoundService(
    type="_wild._tcp.local.",
    name="a._wild._tcp.local.",
    host="192.0.2.1",
    addresses=("192.0.2.1",),
    port=80,
    properties={"id": "w1"},
)


@dataclass(frozen=True)
class Hall:
    """A home without adapters, its plugins and its dialogs."""

    home: MemoryHome
    plugins: Plugins
    flows: Flows


@pytest.fixture
async def hall(_importable: None) -> AsyncIterator[Hall]:
    home, clock = MemoryHome(), SystemClock()
    plugins = Plugins([EntryPoint(name="wild", value="wild", group=GROUP)], isolation=Isolation(clock))
    flows = Flows(
        load=plugins.load,
        prepare=plugins.prepare,
        entries=home.entries,
        store=MemoryStore(),
        bus=home.bus,
        clock=clock,
        probe_timeout=20.0,
    )
    yield Hall(home, plugins, flows)
    assert "wild" not in sys.modules


async def test_a_dialog_asks_tries_and_makes_an_entry_without_importing_anything(hall: Hall) -> None:
    step = await hall.flows.start("wild")
    assert [(field["name"], field["label"]) for field in step["data_schema"]] == [("name", "Name")]
    again = await hall.flows.submit(step["flow_id"], {"name": "x" * 30})
    assert again["errors"] == {"name": "expected at most 20 characters"}
    again = await hall.flows.submit(step["flow_id"], {"name": "nobody"})
    assert again["errors"] == {"base": "Nobody is there"}
    done = await hall.flows.submit(step["flow_id"], {"name": "Somebody"})
    assert (done["type"], done["title"]) == ("create_entry", "somebody")
    entry = hall.home.entries.of("wild")[0]
    assert entry.data["pid"] != os.getpid()


async def test_a_crash_in_a_dialog_is_an_error_in_its_form(hall: Hall) -> None:
    step = await hall.flows.start("wild")
    again = await hall.flows.submit(step["flow_id"], {"name": "crash"})
    assert "ended before it answered" in again["errors"]["base"]
    assert (await hall.flows.submit(step["flow_id"], {"name": "fine"}))["type"] == "create_entry"


async def test_what_is_found_is_looked_at_in_a_process_of_its_own(hall: Hall) -> None:
    assert hall.plugins.load("wild") is None
    await hall.plugins.prepare("wild")
    integration = hall.plugins.load("wild")
    assert integration is not None
    assert integration.from_service is not None
    found = await integration.from_service(SERVICE)  # type: ignore[misc]
    assert found is not None
    assert (found.unique_id, found.data["addresses"]) == ("w1", ["192.0.2.1"])
    assert found.data["pid"] != os.getpid()


async def test_what_it_offers_is_known_once_it_was_asked(hall: Hall) -> None:
    await hall.plugins.prepare("wild")
    integration = hall.plugins.load("wild")
    assert integration is not None
    assert hall.plugins.get("wild").status is Status.LOADED
    assert [action.full_name for action in integration.actions] == ["wild.do"]
    assert integration.actions[0].timeout == 20.0
    assert integration.probe is not None
    probed = await integration.probe({"name": "a"})
    assert isinstance(probed, Probed)
    with pytest.raises(InvalidInput, match="at most 20"):
        await integration.probe({"name": "a" * 21})
    with pytest.raises(ConnectionLost, match="Nobody"):
        await integration.probe({"name": "nobody"})


async def test_an_interpreter_that_does_not_start_is_a_reason(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await hall.plugins.prepare("wild")
    assert "Expected to start /nowhere/python" in (hall.plugins.get("wild").reason or "")
    assert issubclass(ProcessFailed, ConnectionLost.__base__)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="could not be loaded"):
        await hall.flows.start("wild")
