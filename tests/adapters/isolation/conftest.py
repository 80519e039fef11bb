"""A home that runs the wild integration of ``packages``, in this process or in one of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.interfaces import ConfigEntry
from hub.adapters.supervisor import Health
from hub.core.actions import Action, ActionResult
from hub.core.callers import SYSTEM
from hub.core.context import Context
from hub.plugins.isolation import Isolation
from hub.plugins.manager import GROUP, Plugins
from hub.testing import MemoryHome

PACKAGES = Path(__file__).with_name("packages")


class WildHome(MemoryHome):
    """A home in which the wild integration is configured, and told what to do."""

    entry: ConfigEntry

    async def begin(self, isolated: bool | Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        """Configure it and wait until it is there."""
        self.entry = self.configure("wild", data or {}, isolated=isolated, plugins=self.wild_plugins())
        await self.until(lambda: self.shown("lamp") == "off" and self.how_it_is().connected)

    def wild_plugins(self) -> Plugins:
        """Return the plugins of which the wild one is the only."""
        return Plugins(
            [EntryPoint(name="wild", value="wild", group=GROUP)], isolation=Isolation(self.clock, "Asia/Tokyo")
        )

    async def restart(self) -> None:
        """Stop the adapter and start it anew."""
        await self.supervisor.stop(self.entry.entry_id)
        assert self.shown("lamp") == "unavailable"
        self.entries.update(self.entry.entry_id)
        await self.until(lambda: self.shown("lamp") == "off")

    async def do(self, what: str, number: int = 0) -> ActionResult:
        """Tell it to do something."""
        action = Action(name="wild.do", data={"what": what, "number": number})
        return await self.actions.call(action, context=Context("test"), caller=SYSTEM)

    async def ask(self, what: str, number: int = 0) -> Mapping[str, Any]:
        """Tell it to do something, and return what it says."""
        result = await self.do(what, number)
        assert result.error is None
        return result.response or {}

    def shown(self, unique_id: str) -> str | None:
        """Return an entity's state."""
        state = self.state_of(unique_id)
        return state.state if state else None

    def how_it_is(self) -> Health:
        """Return the adapter's health."""
        health = self.adapter_health(self.entry)
        assert health is not None
        return health

    async def ended(self) -> str:
        """Wait until the adapter has ended, and return the reason."""
        await self.until(lambda: self.how_it_is().connected is False)
        return self.how_it_is().reason or ""


@pytest.fixture
def _importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setattr("hub.adapters.supervisor.FIRST_WAIT", 0.1)
    yield
    sys.modules.pop("wild", None)


@pytest.fixture
async def home(_importable: None) -> AsyncIterator[WildHome]:
    async with WildHome().running() as home:
        yield home
