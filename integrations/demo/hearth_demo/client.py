"""The speaker's HTTP API, as the hub uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import voluptuous as vol

from hub import ConnectionLost, DeviceRefused

_TIMEOUT = aiohttp.ClientTimeout(total=5.0)
_DEVICE = vol.Schema(
    {vol.Required("id"): str, vol.Required("name"): str, vol.Required("model"): str, vol.Required("version"): str},
    extra=vol.ALLOW_EXTRA,
)
_PLAYER = vol.Schema(
    {
        vol.Required("state"): vol.In(["off", "idle", "playing", "paused"]),
        vol.Required("volume"): vol.All(vol.Any(int, float), vol.Range(0, 1)),
        vol.Required("muted"): bool,
        vol.Required("source"): str,
        vol.Required("sources"): [str],
        vol.Inclusive("title", "track"): str,
        vol.Inclusive("artist", "track"): str,
        vol.Inclusive("length", "track"): vol.Any(int, float),
        vol.Inclusive("position", "track"): vol.Any(int, float),
        vol.Inclusive("position_updated_at", "track"): vol.Any(int, float),
    },
    extra=vol.ALLOW_EXTRA,
)
_LAMP = vol.Schema(
    {vol.Required("on"): bool, vol.Required("brightness"): vol.All(int, vol.Range(1, 255))}, extra=vol.ALLOW_EXTRA
)
_STATE = vol.Schema(
    {vol.Required("player"): _PLAYER, vol.Required("lamp"): _LAMP, vol.Required("signal"): int}, extra=vol.ALLOW_EXTRA
)


class SpeakerClient:
    """Talks to one speaker.

    Every method raises ConnectionLost if it cannot be reached or what answers is no such speaker, DeviceRefused if it
    says no.
    """

    def __init__(self, session: aiohttp.ClientSession, host: str, port: int) -> None:
        self._session = session
        self.url = f"http://{host}:{port}"

    async def device(self) -> dict[str, Any]:
        """Return who it is."""
        return await self._ask("GET", "/api/device", _DEVICE)

    async def state(self) -> dict[str, Any]:
        """Return how it is."""
        return await self._ask("GET", "/api/state", _STATE)

    async def command(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Tell it something; return how it is then."""
        return await self._ask("POST", path, _STATE, document)

    async def _ask(
        self, method: str, path: str, schema: vol.Schema, document: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            async with self._session.request(method, self.url + path, json=document, timeout=_TIMEOUT) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ConnectionLost(f"Expected a speaker at {self.url}, got no answer ({_reason(error)})") from error
        if response.status >= 400:
            raise DeviceRefused(f"The speaker refused: {answer.get('error') if isinstance(answer, dict) else answer}")
        try:
            return dict(schema(answer))
        except vol.Invalid as error:
            raise ConnectionLost(f"Expected a demo speaker at {self.url}, got something else ({error})") from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
