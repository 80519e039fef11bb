"""WebSocket clients in processes of their own; no benchmark itself."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

_CLIENT = Path(__file__).with_name("socket_client.py")


@asynccontextmanager
async def watching(port: int, token: str, clients: int, *, coalesce: bool) -> AsyncIterator[None]:
    """Let so many clients watch every entity for the time of the block; each must have got something."""
    async with AsyncExitStack() as stack:
        for _ in range(clients):
            await stack.enter_async_context(_client(port, token, coalesce=coalesce))
        yield


@asynccontextmanager
async def _client(port: int, token: str, *, coalesce: bool) -> AsyncIterator[None]:
    command = [sys.executable, str(_CLIENT), str(port), token, "coalesce" if coalesce else ""]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    if (await process.stdout.readline()).strip() != b"ready":
        raise SystemExit("Expected a WebSocket client to be let in, it was not")
    yield
    process.stdin.close()
    events = int(await process.stdout.readline() or 0)
    await process.wait()
    if not events:
        raise SystemExit("Expected a WebSocket client to see events, it saw none: it was dropped")
