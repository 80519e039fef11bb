"""The speaker as the hub's adapter: asked every two seconds, told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from hearth_demo.client import SpeakerClient
from hearth_demo.codec import entities, reports, request
from hub import AdapterHost, ConfigEntry, ConnectionLost, EntityCall

_POLL_SECONDS = 2.0


class SpeakerAdapter:
    """Keeps the hub informed about one speaker, and carries out what it is asked."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._address: tuple[str, int] = (entry.data["host"], entry.data["port"])
        self._host: AdapterHost | None = None
        self._client: SpeakerClient | None = None
        self._unique_id = ""
        self._state: dict[str, Any] = {}

    async def run(self, host: AdapterHost) -> None:
        """Ask the speaker how it is, until cancelled. Raises ConnectionLost when it does not answer."""
        async with aiohttp.ClientSession() as session:
            client = SpeakerClient(session, *self._address)
            device, state = await client.device(), await client.state()
            self._host, self._client, self._unique_id = host, client, device["id"]
            for entity in entities(device, state, client.url):
                host.add(entity)
            host.available(True)
            host.connected(True)
            while True:
                self._report(state)
                await host.clock.sleep(_POLL_SECONDS)
                state = await client.state()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out an action; what the speaker answers is reported before this returns."""
        if self._client is None:
            raise ConnectionLost(f"The speaker at {self._address[0]} is not connected yet")
        path, document = request(call, self._unique_id, self._state)
        self._report(await self._client.command(path, document))
        return None

    def _report(self, state: dict[str, Any]) -> None:
        assert self._host is not None
        self._state = state
        for report in reports(self._unique_id, state):
            self._host.report(report)
