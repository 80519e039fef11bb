"""A peer that runs in node: a script with its own modules, told and heard in lines of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.clients.peers import node_of

PATIENCE = 30.0
"""Seconds after which a test that waits for a peer has failed."""

Line = Mapping[str, Any]


class NodeProgram:
    """Runs ``server.js`` of ``folder`` with the modules of its lock; it is up once it has said ``listening``.

    It ends with its standard input, and so with whoever started it.
    """

    def __init__(self, name: str, folder: Path, *arguments: str | int | Path) -> None:
        self.heard: list[Line] = []
        self._node, target = node_of(name, folder)
        self._script = target / "server.js"  # beside its node_modules
        shutil.copy(folder / "server.js", self._script)
        self._arguments = [str(argument) for argument in arguments]
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._process is not None

    async def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.heard.clear()
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            self._node, str(self._script), *self._arguments, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        self._reading = asyncio.create_task(self._read(self._process), name="peer")
        await self.until(lambda line: "listening" in line)

    async def stop(self) -> None:
        """End it, as a power cut does."""
        process, self._process = self._process, None
        if process is not None and self._reading is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await self._reading

    async def tell(self, **order: Any) -> None:
        """Let it do something, and wait until it has."""
        assert self._process is not None
        assert self._process.stdin is not None
        before = len(self.heard)
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.until(lambda line: line.get("done") == order, after=before)

    async def until(self, wanted: Callable[[Line], bool], *, after: int = 0) -> Line:
        """Return the first such line that it says, or has said already.

        Raises TimeoutError, or AssertionError if it ends before.
        """
        async with asyncio.timeout(PATIENCE):
            while True:
                if found := next((line for line in self.heard[after:] if wanted(line)), None):
                    return found
                assert self._reading is None or not self._reading.done(), f"{self._script} has ended"
                self._news.clear()
                await self._news.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if line.startswith(b"{"):
                self.heard.append(json.loads(line))
            self._news.set()
        self._news.set()
