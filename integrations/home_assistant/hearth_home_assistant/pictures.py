"""Still pictures of cameras and images, through Home Assistant."""

from __future__ import annotations

import asyncio

import aiohttp

from hearth_home_assistant.config import Settings
from hearth_home_assistant.connection import tls
from hub import ConnectionLost, Picture

_SECONDS = 10.0
_LARGEST = 32 * 1024 * 1024
_PROXIES = {"camera": "camera_proxy", "image": "image_proxy"}

_SPELT = {"image/jpg": "image/jpeg"}
"""What some integrations of Home Assistant call it, and what it is called."""


async def fetch_picture(http: aiohttp.ClientSession, settings: Settings, entity_id: str) -> Picture | None:
    """Return the newest picture of one of Home Assistant's entities, or None while it has none.

    Raises ConnectionLost.
    """
    proxy = _PROXIES.get(entity_id.partition(".")[0])
    if proxy is None:
        return None
    headers = {"Authorization": f"Bearer {settings.token}"}
    url = settings.url / "api" / proxy / entity_id
    try:
        async with (
            asyncio.timeout(_SECONDS),
            http.get(url, headers=headers, ssl=tls(settings), allow_redirects=False) as response,
        ):
            return await _picture(response)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConnectionLost(f"No picture of {entity_id}: {str(error) or type(error).__name__}") from error


async def _picture(response: aiohttp.ClientResponse) -> Picture | None:
    """Return the body where it is a picture of a bearable size."""
    kind = response.content_type
    if response.status != 200 or not kind.startswith("image/"):
        return None
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > _LARGEST:
            return None
    return Picture(content=bytes(content), content_type=_SPELT.get(kind, kind)) if content else None
