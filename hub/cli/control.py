"""Talking to the hub that runs on a configuration folder, over the socket in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.config.folder import SOCKET_FILE
from hub.errors import HubError, InvalidInput, NotFound, Refused

_KINDS: Mapping[str, type[HubError]] = {"not_found": NotFound, "unauthorized": Refused, "invalid_input": InvalidInput}


class NoHub(NotFound):
    """No hub runs on the folder."""


def ask(folder: Path, path: str, data: Mapping[str, Any] | None = None, *, timeout: float = 60.0) -> Any:
    """Ask the running hub; return its answer.

    Raises NoHub if no hub runs there, otherwise the error that the hub answers.
    """
    return asyncio.run(_ask(folder, path, data, timeout))


async def _ask(folder: Path, path: str, data: Mapping[str, Any] | None, timeout: float) -> Any:
    import aiohttp  # noqa: PLC0415 - other commands start faster without it

    connector = aiohttp.UnixConnector(str(folder / SOCKET_FILE))
    limit = aiohttp.ClientTimeout(total=timeout)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=limit) as session,
            session.post(f"http://hub{path}", json=dict(data or {})) as response,
        ):
            answer = await response.json()
    except (aiohttp.ClientConnectorError, FileNotFoundError) as error:
        raise NoHub(f"Expected a running hub on {folder}, found none: start it with 'hearth run'") from error
    except TimeoutError as error:
        raise HubError(f"The hub did not answer within {timeout:g} s") from error
    if response.status >= 400:
        raise _KINDS.get(answer.get("key", ""), HubError)(answer.get("message", "The hub refused"))
    return answer
