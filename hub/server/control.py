"""What the command line asks of a running hub, over a socket that only the folder's owner can open."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.agent import Conversation
from hub.core.callers import SYSTEM, Caller
from hub.core.context import Context
from hub.errors import HubError
from hub.security import Auth
from hub.server.web import body, json
from hub.server.websocket.extensions import ExtensionCommands

_log = logging.getLogger(__name__)
MAX_PATH = 100
"""A Unix socket's path may have about so many bytes."""

Answer = Callable[[Mapping[str, Any]], Awaitable[Any]]


class ControlAnswers:
    """What the command line may ask: a token of the owner, a sentence for the agent, the integrations."""

    def __init__(self, auth: Auth, conversation: Conversation, extensions: ExtensionCommands) -> None:
        self._auth = auth
        self._conversation = conversation
        self._extensions = extensions

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {
            "/ping": self._ping,
            "/token": self._token,
            "/chat": self._chat,
            "/integrations": self._integrations,
        }

    async def _ping(self, data: Mapping[str, Any]) -> Any:
        return {"ok": True}

    async def _integrations(self, data: Mapping[str, Any]) -> Any:
        return self._extensions.rows()

    async def _token(self, data: Mapping[str, Any]) -> Any:
        secret = await self._auth.create_for_owner(str(data.get("name", "")), float(data.get("days", 3650)))
        return {"name": data.get("name"), "token": secret}

    async def _chat(self, data: Mapping[str, Any]) -> Any:
        owner = self._auth.users.owner()
        text = str(data.get("text", ""))
        caller = SYSTEM if owner is None else Caller.user(owner.user_id)
        return await self._conversation.process(
            text,
            language=data.get("language"),
            conversation_id=data.get("conversation_id"),
            user=caller,
            context=Context("user", user_id=caller.user_id),
        )


@asynccontextmanager
async def serving_control(path: Path, answers: Mapping[str, Answer]) -> AsyncIterator[None]:
    """Answer POSTs on the socket ``path`` by ``answers``, which maps ``/chat`` and so on, for the time of the block.

    Where the path is too long for a socket there is none, with a line in the log.
    """
    if len(str(path).encode()) > MAX_PATH:
        _log.warning("%s is too long for a socket: commands such as 'hearth chat' cannot reach this hub", path)
        yield
        return
    app = web.Application()
    for route, answer in answers.items():
        app.router.add_post(route, _handler(answer))
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(path)).start()  # 0600 by the process's umask, in a folder that is 0700
        yield
    finally:
        await runner.cleanup()


def _handler(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return json(await answer(await body(request)))
        except HubError as error:
            return json({"message": str(error), "key": error.key}, 400)

    return handle
