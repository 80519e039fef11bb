"""Pictures: what kind they are, and fetching those of which a device tells only the address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hub import ConnectionLost, Picture

if TYPE_CHECKING:
    from aiohttp import StreamReader

MAX_SIZE = 16 << 20
"""Bytes of the largest picture that is kept or fetched."""

_PATIENCE = 10.0  # seconds
_USUAL = "image/jpeg"
_BEGINNINGS = {b"\xff\xd8\xff": _USUAL, b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
_HARMLESS = frozenset({"image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})


def make_picture(content: bytes, claimed: str | None = None) -> Picture:
    """Return a picture. What is ``claimed`` of its type counts only for types without scripts: it is shown in the dashboard."""
    return Picture(content=content, content_type=claimed if claimed in _HARMLESS else _type_of(content))


async def fetch(url: str) -> Picture:
    """Return the picture at an address.

    Raises ConnectionLost if there is none: no answer within ten seconds, no picture, or one of more than 16 MiB.
    """
    import aiohttp  # noqa: PLC0415 - few homes have such an image

    try:
        async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession() as session, session.get(url) as response:
            if response.status != 200 or not response.content_type.startswith("image/"):
                raise ConnectionLost(f"Expected a picture, got {response.content_type} with status {response.status}")
            return make_picture(await _read(response.content), response.content_type)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise ConnectionLost(f"Could not fetch the picture: {str(error) or 'no answer in time'}") from error


async def _read(stream: StreamReader) -> bytes:
    content = bytearray()
    async for part in stream.iter_chunked(64 << 10):
        content += part
        if len(content) > MAX_SIZE:
            raise ConnectionLost(f"Expected a picture of at most {MAX_SIZE} bytes")
    return bytes(content)


def _type_of(content: bytes) -> str:
    """Return what a picture's first bytes say that it is; JPEG if they say nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), _USUAL)
