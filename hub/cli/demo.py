"""``--demo``: a simulated home as separate processes, which end when the hub ends."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hub.errors import NotFound
from hub.security import Auth, Role

if TYPE_CHECKING:
    from hub.app import Hub

MODULE = "hearth_demo"
USER = "demo-home"
_log = logging.getLogger(__name__)


async def _token(auth: Auth) -> str:
    """Return a new token of the demo's own user; those of earlier starts end."""
    user = next((user for user in auth.users if user.username == USER), None)
    user = user or await auth.users.add(name="Demo home", username=USER, password=None, role=Role.ADMIN)
    for old in auth.list_tokens(user.user_id):
        await auth.revoke_session(old.session_id)
    return await auth.create_long_lived(user.user_id, "Demo home", 30)


@asynccontextmanager
async def demo_home(hub: Hub) -> AsyncIterator[None]:
    """Run the demo home beside the hub for the time of the block.

    It is a client like any other: it gets the hub's address and a token, makes floors, areas and automations by the API,
    and its devices connect by MQTT. Raises NotFound if it is not installed.
    """
    if importlib.util.find_spec(MODULE) is None:
        raise NotFound("Expected the demo home to be installed: 'uv pip install hearth-demo', or start without --demo")
    token = await _token(hub.auth)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, "--port", str(hub.port), "--language", hub.settings.language,
        stdin=asyncio.subprocess.PIPE, env={**os.environ, "HEARTH_TOKEN": token},
    )  # fmt: skip
    try:
        yield
    finally:
        if process.stdin is not None:
            process.stdin.close()  # its end is the sign to stop
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            _log.warning("The demo home did not end by itself")
            process.kill()
            await process.wait()
