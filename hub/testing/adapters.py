"""The contract suite for integrations: what each must do, in the hub's process and in one of its own.

It needs pytest with pytest-asyncio in its automatic mode. Subclass it in your tests, name your integration, and give it a
``peer`` fixture that yields the device or server to talk to, a real one::

    class TestContract(AdapterContract):
        integration = "my_thing"
        trials = (Trial(action="switch.turn_on", unique_id="relay", state="on"),)

        @pytest.fixture
        async def peer(self) -> AsyncIterator[Peer]:
            async with Thing() as thing:
                yield Peer(data={"host": "127.0.0.1", "port": thing.port}, stop=thing.stop, start=thing.start)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import voluptuous as vol

from hub.adapters.interfaces import ConfigEntry, Integration
from hub.core.clock import SystemClock
from hub.core.state import UNAVAILABLE
from hub.errors import HubError
from hub.plugins.isolation import Isolation
from hub.plugins.manager import Plugins
from hub.testing.home import MemoryHome

_SOON = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What an adapter talks to in a test.

    ``data`` is the config entry's. ``stop`` makes it unreachable, ``start`` lets it come back at the same address; without
    them the tests of lost connections are skipped. ``form`` is what a user enters in the dialog, if that is not ``data``.
    """

    data: Mapping[str, Any]
    stop: Callable[[], Awaitable[None]] | None = None
    start: Callable[[], Awaitable[None]] | None = None
    form: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An action on one of the adapter's entities, and the state that the entity then comes to."""

    action: str
    unique_id: str
    state: str
    data: Mapping[str, Any] = field(default_factory=dict)


class AdapterContract:
    """What an integration must do. Every test runs both ways."""

    integration: str
    """The name of its entry point."""
    trials: tuple[Trial, ...] = ()
    """Actions to try, one after another."""
    shows_entities: bool = True
    """Whether it has entities; a chat channel has none."""
    seconds: float = 20.0
    """How long it may take to connect, and to connect again."""

    def plugins(self) -> Plugins:
        """Return where the integration is found: among those installed."""
        return Plugins(isolation=Isolation(SystemClock()))

    @pytest.fixture(params=[False, True], ids=["in the hub", "isolated"])
    def isolated(self, request: pytest.FixtureRequest) -> bool:
        """Whether it runs in a process of its own."""
        return bool(request.param)

    @pytest.fixture
    async def home(self) -> AsyncIterator[MemoryHome]:
        """A home in which it runs."""
        async with MemoryHome().running() as home:
            yield home

    def test_it_can_be_loaded(self) -> None:
        extension = self.plugins().get(self.integration)
        assert extension.reason is None
        assert extension.manifest is not None
        assert extension.manifest.domain == self.integration
        integration = self._loaded()
        assert integration.manifest == extension.manifest
        has_dialog = integration.probe is not None
        assert extension.manifest.config_flow is has_dialog, (
            "config_flow of the manifest says whether there is a dialog"
        )

    def test_its_settings_are_accepted_and_a_misspelt_one_is_refused(self, peer: Peer) -> None:
        schema = self._loaded().config_schema
        schema(dict(peer.data))
        with pytest.raises(vol.Invalid):
            schema({**peer.data, "a_settnig": 1})

    async def test_it_connects_and_shows_what_is_there(
        self, home: MemoryHome, peer: Peer, isolated: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        entry = await self._connected(home, peer, isolated)
        if self.shows_entities:
            await home.until(lambda: self._shown(home, entry), self.seconds)
        assert "expected a state of" not in caplog.text

    async def test_it_ends_soon_when_it_is_stopped(self, home: MemoryHome, peer: Peer, isolated: bool) -> None:
        entry = await self._connected(home, peer, isolated)
        async with asyncio.timeout(_SOON):
            await home.supervisor.stop(entry.entry_id)
        assert not self._shown(home, entry)

    async def test_a_second_start_finds_the_same(self, home: MemoryHome, peer: Peer, isolated: bool) -> None:
        entry = await self._connected(home, peer, isolated)
        if self.shows_entities:
            await home.until(lambda: self._shown(home, entry), self.seconds)
        before = self._remembered(home, entry)
        await home.supervisor.stop(entry.entry_id)
        home.entries.update(entry.entry_id)
        await self._until_connected(home, entry)
        await home.until(lambda: self._remembered(home, entry) == before, self.seconds)

    async def test_it_shows_the_same_both_ways(self, peer: Peer) -> None:
        remembered = []
        for isolated in (False, True):
            async with MemoryHome().running() as home:
                entry = await self._connected(home, peer, isolated)
                if self.shows_entities:
                    await home.until(lambda: self._shown(home, entry), self.seconds)  # noqa: B023 - at once
                remembered.append(self._remembered(home, entry))
        assert remembered[0] == remembered[1]

    async def test_actions_reach_the_peer_and_the_state_follows(
        self, home: MemoryHome, peer: Peer, isolated: bool
    ) -> None:
        if not self.trials:
            pytest.skip("there are no trials: this integration has no actions to try")
        await self._connected(home, peer, isolated)
        for trial in self.trials:
            await home.until(lambda: home.state_of(trial.unique_id) is not None, self.seconds)  # noqa: B023 - at once
            result = await home.act(trial.action, trial.unique_id, **trial.data)
            assert result.error is None
            await home.until(lambda: _state(home, trial.unique_id) == trial.state, self.seconds)  # noqa: B023

    async def test_a_lost_peer_is_noticed_and_found_again(self, home: MemoryHome, peer: Peer, isolated: bool) -> None:
        if peer.stop is None or peer.start is None:
            pytest.skip("the peer has no stop and start")
        entry = await self._connected(home, peer, isolated)
        if self.shows_entities:
            await home.until(lambda: self._shown(home, entry), self.seconds)
        await peer.stop()
        await home.until(lambda: not self._is_connected(home, entry) and not self._shown(home, entry), self.seconds)
        await peer.start()
        await self._until_connected(home, entry)
        if self.shows_entities:
            await home.until(lambda: self._shown(home, entry), self.seconds)

    async def test_its_dialog_makes_an_entry_that_it_accepts(self, peer: Peer, isolated: bool) -> None:
        integration = await self._with_dialog(isolated)
        assert integration.probe is not None
        probed = await integration.probe(peer.form or peer.data)
        assert probed.title
        self._loaded().config_schema(dict(probed.data))

    async def test_its_dialog_says_that_nobody_answers(self, peer: Peer, isolated: bool) -> None:
        integration = await self._with_dialog(isolated)
        if peer.stop is None:
            pytest.skip("the peer has no stop")
        await peer.stop()
        assert integration.probe is not None
        with pytest.raises(HubError):
            await integration.probe(peer.form or peer.data)

    def _loaded(self) -> Integration:
        plugins = self.plugins()
        integration = plugins.load_here(self.integration)
        assert integration is not None, plugins.get(self.integration).reason
        return integration

    async def _with_dialog(self, isolated: bool) -> Integration:
        plugins = self.plugins()
        plugins.get(self.integration).isolated = isolated
        await plugins.prepare(self.integration)
        integration = plugins.load(self.integration)
        assert integration is not None, plugins.get(self.integration).reason
        if integration.probe is None:
            pytest.skip("this integration has no dialog")
        return integration

    async def _connected(self, home: MemoryHome, peer: Peer, isolated: bool) -> ConfigEntry:
        entry = home.configure(self.integration, peer.data, isolated=isolated, plugins=self.plugins())
        await self._until_connected(home, entry)
        return entry

    async def _until_connected(self, home: MemoryHome, entry: ConfigEntry) -> None:
        try:
            await home.until(lambda: self._is_connected(home, entry), self.seconds)
        except TimeoutError:
            health = home.adapter_health(entry)
            reason = home.plugins.get(self.integration).reason if home.plugins is not None else None
            pytest.fail(f"it did not say host.connected(True) within {self.seconds:g} s: {health}, {reason}")

    def _is_connected(self, home: MemoryHome, entry: ConfigEntry) -> bool:
        health = home.adapter_health(entry)
        return health is not None and health.connected is True

    def _shown(self, home: MemoryHome, entry: ConfigEntry) -> list[str]:
        """Return the ids of its entities that can be reached."""
        ids = [entity.entity_id for entity in home.registries.entities.of_entry(entry.entry_id)]
        states = [state for entity_id in ids if (state := home.states.get(entity_id)) is not None]
        return [state.entity_id for state in states if state.state != UNAVAILABLE]

    def _remembered(self, home: MemoryHome, entry: ConfigEntry) -> list[tuple[Any, ...]]:
        """Return what is remembered of its entities, as far as it does not differ from start to start."""
        return sorted(
            (
                entity.unique_id,
                entity.entity_id,
                entity.original_name,
                entity.device_class,
                entity.unit,
                sorted(entity.capabilities),
                entity.supported_features,
                device.shown_name if (device := home.registries.device_of(entity)) else None,
            )
            for entity in home.registries.entities.of_entry(entry.entry_id)
        )


def _state(home: MemoryHome, unique_id: str) -> str | None:
    state = home.state_of(unique_id)
    return state.state if state else None
