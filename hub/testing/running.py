"""A whole hub for a test: on a free port, over a folder of the test's, with an owner and a token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hub.app import Hub
from hub.config.folder import locked
from hub.config.settings import load_settings
from hub.core.bus import ALL
from hub.core.ids import new_id

OWNER = {"name": "Test owner", "username": "owner", "password": "correct horse battery"}


@dataclass(frozen=True, slots=True)
class RunningHub:
    """The hub, where it listens, and a long-lived token of its owner."""

    hub: Hub
    token: str

    @property
    def url(self) -> str:
        """``http://localhost:<port>``."""
        return f"http://localhost:{self.hub.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What REST calls carry."""
        return {"Authorization": f"Bearer {self.token}"}

    async def until(self, condition: Callable[[], Any], seconds: float = 15.0) -> None:
        """Wait until something that happens in the hub makes ``condition`` true.

        Raises TimeoutError.
        """
        changed = asyncio.Event()
        unlisten = self.hub.bus.listen(ALL, lambda _: changed.set())
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    await changed.wait()
        finally:
            unlisten()


@asynccontextmanager
async def running_hub(folder: Path, **settings: Any) -> AsyncIterator[RunningHub]:
    """Run a hub over ``folder`` for the time of the block; ``settings`` replace those of its ``hearth.yaml``."""
    with locked(folder):
        written = load_settings(folder)
        own = {
            "port": 0,
            "discovery": {"interfaces": ["127.0.0.1"]},
            "inference": {"calibrate": False, **written.inference},  # seconds of work at the first start
        }
        chosen = replace(written, **{**own, **settings})
        async with Hub(folder, chosen).running() as hub:
            if hub.auth.users.owner() is None:
                code = hub.auth.welcome_code() or ""
                await hub.auth.create_owner(code, **OWNER, language="en", client_id="test", address="127.0.0.1")
            yield RunningHub(hub, await hub.auth.create_for_owner(f"test {new_id()}", 1))
