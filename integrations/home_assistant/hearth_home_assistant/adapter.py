"""Home Assistant's adapter: connects, and connects again while patience lasts."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aiohttp

from hearth_home_assistant.choice import Choice
from hearth_home_assistant.config import Settings
from hearth_home_assistant.connection import TokenRefused, client_session, connected
from hearth_home_assistant.describing import describe_instance
from hearth_home_assistant.mirror import Mirror
from hearth_home_assistant.pictures import fetch_picture
from hearth_home_assistant.session import Session
from hub import (
    DOMAINS,
    ActionTimeout,
    AdapterHost,
    ConfigEntry,
    ConnectionLost,
    DeviceRefused,
    EntityCall,
    Picture,
)

_AGAIN_SECONDS = 3.0
_log = logging.getLogger(__name__)


class HomeAssistantAdapter:
    """Runs one entry.

    While Home Assistant is restarted its entities keep their states, as long as the settings' ``patience``: when it is back,
    only what differs is a change. After that, or if it was never reached, ``run`` raises ConnectionLost.
    """

    def __init__(self, entry: ConfigEntry) -> None:
        self._entry = entry
        self._settings = Settings.parse(entry.data)
        self._instance = entry.unique_id or self._settings.address
        self._host: AdapterHost | None = None
        self._http: aiohttp.ClientSession | None = None
        self._mirror: Mirror | None = None
        self._session: Session | None = None
        self._left_out: Counter[str] | None = None
        self._until: float | None = None

    async def run(self, host: AdapterHost) -> None:
        settings = self._settings
        self._host = host
        self._mirror = Mirror(host, Choice(DOMAINS, settings.include, settings.exclude), self._instance)
        if settings.is_exposed:
            host.audit("home_assistant_plaintext", settings.address, reason="its address begins with http://")
        async with client_session() as self._http:
            while True:
                try:
                    await self._live(host, self._http, self._mirror)
                except ConnectionLost as lost:
                    self._bear(host, lost)
                await host.clock.sleep(random.uniform(_AGAIN_SECONDS / 2, _AGAIN_SECONDS))  # noqa: S311 - jitter

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        if self._session is None:
            raise ConnectionLost(f"Home Assistant at {self._settings.url} cannot be reached at the moment")
        return await self._session.execute(call)

    async def picture(self, unique_id: str) -> Picture | None:
        entity_id = self._mirror.entity_id(unique_id) if self._mirror else None
        if self._http is None or entity_id is None:
            return None
        return await fetch_picture(self._http, self._settings, entity_id)

    async def _live(self, host: AdapterHost, http: aiohttp.ClientSession, mirror: Mirror) -> None:
        """Work over one connection. Ends by raising ConnectionLost, or whatever else went wrong."""
        try:
            async with connected(http, self._settings) as connection, asyncio.TaskGroup() as group:
                self._session = Session(connection, host, mirror, self._settings, self._in_line)
                group.create_task(connection.read(), name="home_assistant:read")
                group.create_task(self._session.follow(self._until), name="home_assistant:follow")
        except ExceptionGroup as group:
            expected, defects = group.split((ConnectionLost, DeviceRefused, ActionTimeout))
            if defects is not None or expected is None:
                raise
            raise ConnectionLost(str(expected.exceptions[0])) from group
        finally:
            self._session = None

    def _bear(self, host: AdapterHost, lost: ConnectionLost) -> None:
        """Wait for Home Assistant to come back, as long as there is something to keep and patience for it.

        A token that is not accepted any more is no matter of patience.
        """
        host.connected(False, str(lost))
        now = host.clock.monotonic()
        if self._until is None:
            self._until = now + self._settings.patience
        if self._left_out is None or now >= self._until or isinstance(lost, TokenRefused):
            raise lost

    def _in_line(self, config: Mapping[str, Any], left_out: Counter[str]) -> None:
        """Note that everything is as Home Assistant has it."""
        assert self._host is not None
        self._until = None
        if left_out != self._left_out:
            self._left_out = left_out
            self._show_left_out(self._host, config, left_out)
        self._host.connected(True)

    def _show_left_out(self, host: AdapterHost, config: Mapping[str, Any], left_out: Counter[str]) -> None:
        names = ", ".join(f"{domain} ({count})" for domain, count in sorted(left_out.items()))
        _log.info("%s: left out, as this hub does not know their kinds: %s", self._entry.title, names or "nothing")
        description, report = describe_instance(self._instance, str(self._settings.url), config, left_out)
        host.add(description)
        host.report(report)
        host.available(True, description.unique_id)
