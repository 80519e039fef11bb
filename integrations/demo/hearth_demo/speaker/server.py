"""The speaker's HTTP API: ``GET /api/device``, ``GET /api/state``, ``POST /api/player``, ``POST /api/lamp``."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hearth_demo.speaker.player import BadCommand, Lamp, Player, Signal

MODEL = "SPK-1"
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class About:
    """Who the speaker is."""

    unique_id: str
    name: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as the API and the announcement show it."""
        return {"id": self.unique_id, "name": self.name, "model": MODEL, "version": "2.1.0", "api": 1}


class Speaker:
    """The speaker: its parts behind a web server."""

    def __init__(self, about: About, *, seed: int | None = None, scale: float = 1.0) -> None:
        self.about = about
        self._scale = scale
        self._player = Player()
        self._lamp = Lamp()
        self._signal = Signal(random.Random(seed))  # noqa: S311 - radio noise, not a secret

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        clock = asyncio.get_running_loop().time
        last = clock()
        while True:
            await asyncio.sleep(1.0)
            now = clock()
            self._player.step((now - last) * self._scale)
            self._signal.step((now - last) * self._scale)
            last = now

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[int]:
        """Serve the API while the block runs; give the port, which is a free one where 0 was asked for."""
        runner = web.AppRunner(self._application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_get("/api/device", self._get_device)
        app.router.add_get("/api/state", self._get_state)
        app.router.add_post("/api/player", self._post_player)
        app.router.add_post("/api/lamp", self._post_lamp)
        return app

    async def _get_device(self, _: web.Request) -> web.Response:
        return web.json_response(self.about.as_dict())

    async def _get_state(self, _: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _post_player(self, request: web.Request) -> web.Response:
        wanted = await _document(request)
        return self._answer(lambda: self._player.command(str(wanted.get("command")), wanted.get("value")))

    async def _post_lamp(self, request: web.Request) -> web.Response:
        wanted = await _document(request)
        return self._answer(lambda: self._lamp.set(wanted))

    def _answer(self, act: Callable[[], None]) -> web.Response:
        """Do it, and answer with the state that came of it."""
        try:
            act()
        except BadCommand as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._state())

    def _state(self) -> dict[str, Any]:
        lamp = {"on": self._lamp.on, "brightness": self._lamp.brightness}
        return {"player": self._player.state(), "lamp": lamp, "signal": self._signal.strength}


async def _document(request: web.Request) -> Mapping[str, Any]:
    try:
        document = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        document = None
    if not isinstance(document, dict):
        error = json.dumps({"error": "Expected a JSON object"})
        raise web.HTTPBadRequest(text=error, content_type="application/json")
    return document
