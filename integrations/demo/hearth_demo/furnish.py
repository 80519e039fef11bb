"""Furnishing a hub: the demo home's floors, areas and automations, made over the hub's own API like any client does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from hearth_demo.layout import Floor, layout
from hearth_demo.words import Words

AUTOMATIONS = Path(__file__).parent / "automations"
_log = logging.getLogger(__name__)


class Furnisher:
    """A client of a hub at ``url`` (``http://localhost:8123``) with a token of an admin."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._id = 0
        self._words: dict[str, str] = {}

    async def furnish(self, language: str) -> None:
        """Make what is missing; what somebody has changed since stays as it is.

        Raises aiohttp.ClientError if the hub cannot be reached or refuses; an automation that it refuses is logged.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(self._url, headers=headers, raise_for_status=True) as session,
            session.ws_connect("/api/websocket") as socket,
        ):
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._token})
            if (answer := await socket.receive_json())["type"] != "auth_ok":
                raise aiohttp.ClientError(f"Expected a token that the hub knows: {answer.get('message')}")
            for floor in layout(language):
                await self._place(socket, floor)
            for automation in automations(language):
                await self._automate(session, _filled(automation, {**self._words, "$language": language}))

    async def _place(self, socket: aiohttp.ClientWebSocketResponse, floor: Floor) -> None:
        about = {"level": floor.level, "icon": floor.icon, "aliases": list(floor.aliases)}
        row = await self._ensure(socket, "floor", floor.name, about)
        for area in floor.areas:
            about = {"floor_id": row["floor_id"], "icon": area.icon, "aliases": list(area.aliases)}
            placed = await self._ensure(socket, "area", area.name, about)
            self._words[f"${area.key}"] = placed["area_id"]

    async def _ensure(
        self, socket: aiohttp.ClientWebSocketResponse, kind: str, name: str, about: Mapping[str, Any]
    ) -> dict[str, Any]:
        rows = await self._ask(socket, f"config/{kind}_registry/list")
        known = next((row for row in rows if row["name"] == name), None)
        if known is None:
            return dict(await self._ask(socket, f"config/{kind}_registry/create", name=name, **about))
        missing = {key: value for key, value in about.items() if not known[key] and known[key] != value}
        if not missing:
            return dict(known)
        key = f"{kind}_id"
        return dict(await self._ask(socket, f"config/{kind}_registry/update", **{key: known[key]}, **missing))

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse, type_: str, **fields: Any) -> Any:
        self._id += 1
        await socket.send_json({"id": self._id, "type": type_, **fields})
        answer = await socket.receive_json()
        if not answer["success"]:
            raise aiohttp.ClientError(f"{type_}: {answer['error']['message']}")
        return answer["result"]

    async def _automate(self, session: aiohttp.ClientSession, automation: Mapping[str, Any]) -> None:
        path = f"/api/config/automation/config/{automation['id']}"
        async with session.get(path, raise_for_status=False) as response:
            if response.status == 200:
                return
        async with session.post(path, json=automation, raise_for_status=False) as response:
            if response.status >= 400:
                _log.error("The automation %s is not set up: %s", automation["id"], await response.text())


def automations(language: str) -> Iterable[dict[str, Any]]:
    """Return the demo's automations, with their names in ``language``."""
    for file in sorted(AUTOMATIONS.glob("*.yaml")):
        automation = yaml.safe_load(file.read_text(encoding="utf-8"))
        alias = Words(automation["alias"], automation.pop("names")["zh-Hans"]).spoken(language)
        yield {**automation, "alias": alias}


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """Put the hub's own ids and language in place of ``$kitchen`` and ``$language``."""
    if isinstance(value, dict):
        return {key: _filled(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, words) for part in value]
    return words.get(value, value) if isinstance(value, str) else value
