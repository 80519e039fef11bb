"""What the command line asks of a running hub, over a socket that only the folder's owner can open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.agent import Conversation
from hub.core.callers import SYSTEM, Caller
from hub.core.context import Context
from hub.errors import HubError, InvalidInput
from hub.security import Auth
from hub.server.web import body, json
from hub.server.websocket.extensions import ExtensionCommands

MAX_PATH = 100
"""A Unix socket's path may have about so many bytes."""

Answer = Callable[[Mapping[str, Any]], Awaitable[Any]]


class ControlAnswers:
    """What the command line may ask: a sentence for the agent, the integrations."""

    def __init__(self, auth: Auth, conversation: Conversation, extensions: ExtensionCommands) -> None:
        self._auth = auth
        self._conversation = conversation
        self._extensions = extensions

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {
            "/ping": self._ping,
            "/chat": self._chat,
            "/integrations": self._integrations,
        }

    async def _ping(self, data: Mapping[str, Any]) -> Any:
        return {"ok": True}

    async def _integrations(self, data: Mapping[str, Any]) -> Any:
        return self._extensions.rows()

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


async def serve_control(path: Path, answers: Mapping[str, Answer]) -> web.AppRunner:
    """Answer POSTs on the socket ``path`` (mode 0600) by ``answers``, which maps ``/chat`` and so on to functions.

    Raises InvalidInput if the path is too long for a socket.
    """
    if len(str(path).encode()) > MAX_PATH:
        raise InvalidInput(f"Expected a configuration folder with a shorter path than {path.parent}")
    app = web.Application()
    for route, answer in answers.items():
        app.router.add_post(route, _handler(answer))
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()  # made 0600 by the process's umask, in a folder that is 0700
    return runner


def _handler(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return json(await answer(await body(request)))
        except HubError as error:
            return json({"message": str(error), "key": error.key}, 400)

    return handle
