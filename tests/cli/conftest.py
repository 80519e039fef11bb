"""The command as a user runs it: a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

Start = Callable[..., AbstractAsyncContextManager["Running"]]
OWNER = {"name": "Ada", "username": "ada", "password": "correct horse battery", "language": "en"}


@dataclass
class Running:
    """A hub in a process of its own."""

    process: asyncio.subprocess.Process
    folder: Path
    url: str
    welcome: str | None
    ready: dict[str, Any]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def create_owner(self) -> str:
        """Create the owner as the dashboard does; return an access token."""
        assert self.welcome is not None
        client = {"client_id": f"{self.url}/"}
        async with aiohttp.ClientSession(self.url, raise_for_status=True) as session:
            body = {**OWNER, **client, "code": self.welcome.partition("#")[2]}
            async with session.post("/auth/welcome", json=body) as response:
                code = (await response.json())["auth_code"]
            grant = {"grant_type": "authorization_code", "code": code, **client}
            async with session.post("/auth/token", data=grant) as response:
                return str((await response.json())["access_token"])


@asynccontextmanager
async def run_hub(folder: Path, *arguments: str) -> AsyncIterator[Running]:
    """Run ``hearth run`` on a free port for the time of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", "run", "--config", str(folder), "--port", "0", "--json", *arguments,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            ready: dict[str, Any] = json.loads(await process.stdout.readline())
        yield Running(process, folder, ready["url"], ready["welcome"], ready)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(30):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
            raise


async def hearth(*arguments: str, folder: Path | None = None) -> tuple[int, str, str]:
    """Run ``hearth`` to its end; return the exit code and what it printed."""
    config = ["--config", str(folder)] if folder else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", *arguments, *config,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"
