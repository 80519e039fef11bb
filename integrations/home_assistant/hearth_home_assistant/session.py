"""One connection's work: bring everything in line once Home Assistant has started, then follow it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hearth_home_assistant.codec import answering_services, call_service
from hearth_home_assistant.config import Settings
from hearth_home_assistant.connection import Connection, Listener
from hearth_home_assistant.mirror import Mirror
from hearth_home_assistant.registry import Home
from hub import AdapterHost, ConnectionLost, DeviceRefused, EntityCall

_SETTLE_SECONDS = 0.5
_START_POLL_SECONDS = 1.0
_REGISTRIES = ("area", "device", "entity", "floor")
_MEETING = "hearth_bridge_meeting"
_ORIGIN = "bridged_from"
_log = logging.getLogger(__name__)


class Session:
    """Follows Home Assistant over one connection.

    ``shown`` hears, whenever all is in line, Home Assistant's configuration and how many entities are left out, by domain.
    """

    def __init__(
        self,
        connection: Connection,
        host: AdapterHost,
        mirror: Mirror,
        settings: Settings,
        shown: Callable[[Mapping[str, Any], Counter[str]], None],
    ) -> None:
        self._connection = connection
        self._host = host
        self._mirror = mirror
        self._settings = settings
        self._shown = shown
        self._stale = asyncio.Event()
        self._answering: frozenset[str] = frozenset()
        self._is_ourselves = False

    async def follow(self, until: float | None = None) -> None:
        """Bring everything here, then keep it in line until cancelled.

        Raises ConnectionLost if Home Assistant is still starting at the time ``until`` of the host's clock.
        """
        await self._connection.ask("supported_features", features={"coalesce_messages": 1})
        await self._meet()
        config = await self._start(until)
        for kind in _REGISTRIES:
            await self._listen(f"{kind}_registry_updated", lambda _: self._stale.set())
        self._mirror.begin()
        await self._connection.subscribe(self._take, "subscribe_entities")
        for event_type in self._settings.events:
            await self._listen(event_type, self._forward)
        while not self._is_ourselves:
            self._stale.clear()
            left_out = await self._mirror.synchronise(await self._read_registries())
            self._shown(config, left_out)
            await self._stale.wait()
            await self._host.clock.sleep(_SETTLE_SECONDS)  # changes come in crowds
        raise ConnectionLost(f"Expected another hub at {self._settings.url}, got this one itself")

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Have Home Assistant carry out an action; returns its response, if it gives one."""
        entity_ids = {entity_id: key for key in call.unique_ids if (entity_id := self._mirror.entity_id(key))}
        if call.unique_ids and not entity_ids:
            raise DeviceRefused(f"Home Assistant has no entity any more for {call.action}")
        with_response = call.action in self._answering
        command = call_service(call, entity_ids, with_response=with_response)
        result = await self._connection.ask("call_service", **command)
        response = result.get("response") if with_response else None
        return {entity_ids.get(key, key): value for key, value in response.items()} if response else None

    async def _start(self, until: float | None) -> Mapping[str, Any]:
        """Wait until Home Assistant has started, for before that many entities are not there yet; return its configuration."""
        config: Mapping[str, Any] = await self._connection.ask("get_config")
        while config.get("state") != "RUNNING":
            if until is not None and self._host.clock.monotonic() > until:
                raise ConnectionLost("Home Assistant is still starting")
            await self._host.clock.sleep(_START_POLL_SECONDS)
            config = await self._connection.ask("get_config")
        self._answering = await self._read_answering()
        return config

    async def _read_answering(self) -> frozenset[str]:
        try:
            return answering_services(await self._connection.ask("get_services"))
        except DeviceRefused as refused:  # one integration that is broken over there, and nobody gets the list
            _log.warning("%s: actions that answer cannot be used", refused)
            return frozenset()

    async def _read_registries(self) -> Home:
        ask = self._connection.ask
        areas = await ask("config/area_registry/list")
        devices = await ask("config/device_registry/list")
        entities = await ask("config/entity_registry/list")
        try:
            floors = await ask("config/floor_registry/list")
        except DeviceRefused:  # it is older than 2024.4
            floors = None
        return Home.parse(areas, floors, devices, entities)

    async def _meet(self) -> None:
        """Find out whether we talk to the hub that we belong to: what we say here is then heard there."""
        word = secrets.token_hex(8)

        def hear(event: Mapping[str, Any]) -> None:
            if event.get("data", {}).get("word") == word:
                self._is_ourselves = True
                self._stale.set()

        await self._listen(_MEETING, hear)
        self._host.fire(_MEETING, {"word": word})
        await self._connection.ask("ping")

    async def _listen(self, event_type: str, listener: Listener) -> None:
        try:
            await self._connection.subscribe(listener, "subscribe_events", event_type=event_type)
        except DeviceRefused as refused:  # a token of somebody who is no administrator
            _log.warning("%s for the events %s", refused, event_type)

    def _take(self, event: Mapping[str, Any]) -> None:
        if self._mirror.take(event):
            self._stale.set()

    def _forward(self, event: Mapping[str, Any]) -> None:
        """Hand an event on, marked with where it is from: another Hearth may hand it back."""
        data = event.get("data", {})
        if _ORIGIN not in data:
            device = data.get("device_id")
            marked = {**data, _ORIGIN: self._settings.address}
            self._host.fire(event["event_type"], marked, device if isinstance(device, str) else None)
