"""llama-server beside which the engine is measured: runs it on a free port and tells its processor time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.cpu_clock import cpu_seconds
from benchmarks.inference_sides import Ask

_BUILD = Path(__file__).parents[1] / ".build"
_LOGS = _BUILD / "log"
PROGRAM = _BUILD / "peers" / "llama-server" / "bin" / "llama-server"
INSTALL = "python3 script peers llama-server"
_START = 300.0
_ANSWER = 1800.0


class LlamaServer:
    """A running llama-server: one side of a comparison. Greedy, and it goes on where the model would end."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], session: aiohttp.ClientSession) -> None:
        self.name = name
        self._process = process
        self._session = session

    def cpu(self) -> float:
        """Return the seconds of processor time used so far: its own, not its clients'."""
        return cpu_seconds(self._process.pid)

    async def answer(self, ask: Ask, tokens: int, began: Callable[[], None]) -> int:
        """Answer a prompt; return how many tokens it wrote."""
        body = {
            "prompt": ask.text,
            "n_predict": tokens,
            "stream": True,
            "cache_prompt": True,
            "ignore_eos": True,
            "samplers": ["top_k"],  # nothing but the likeliest token: the least that a sampler can cost
            "top_k": 1,
        }
        async with self._session.post("/completion", json=body) as response:
            response.raise_for_status()
            last: dict[str, Any] = {}
            async for line in response.content:
                if line.startswith(b"data: "):
                    began()
                    last = json.loads(line[6:])
        return int(last["tokens_predicted"])

    async def count(self, text: str) -> int:
        """Return how many tokens a text is, the one that begins every prompt included."""
        found = await self._post("/tokenize", {"content": text, "add_special": True})
        return len(found["tokens"])

    async def warm(self, ask: Ask, slots: int) -> None:
        """Let every slot know the prompt."""
        await self.answer(ask, 1, lambda: None)
        slot = await self._used_slot()
        await self._post(f"/slots/{slot}?action=save", {"filename": "warm"})
        for other in range(slots):
            if other != slot:
                await self._post(f"/slots/{other}?action=restore", {"filename": "warm"})

    async def _used_slot(self) -> int:
        async with self._session.get("/slots") as response:
            slots = await response.json()
        return int(max(slots, key=lambda slot: slot.get("n_prompt_tokens", 0))["id"])

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(path, json=body) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer


@contextlib.asynccontextmanager
async def llama_server(name: str, model: Path, *flags: str) -> AsyncIterator[LlamaServer]:
    """Run a server with these flags."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        process = _start(name, model, port, Path(folder), flags)
        try:
            once = aiohttp.TCPConnector(force_close=True)  # the server ends idle connections without a word
            base, timeout = f"http://127.0.0.1:{port}", aiohttp.ClientTimeout(total=_ANSWER)
            async with aiohttp.ClientSession(base, timeout=timeout, connector=once) as session:
                await _until_healthy(session, process)
                yield LlamaServer(name, process, session)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)


def _start(name: str, model: Path, port: int, folder: Path, flags: tuple[str, ...]) -> subprocess.Popen[bytes]:
    if not PROGRAM.exists():
        raise SystemExit(f"Expected llama-server to compare with. Build it: {INSTALL}")
    place = ("--host", "127.0.0.1", "--port", str(port), "--slot-save-path", str(folder))
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}  # as our worker has it
    _LOGS.mkdir(parents=True, exist_ok=True)
    with (_LOGS / f"llama-server-{name}.log").open("wb") as log:
        return subprocess.Popen(
            [str(PROGRAM), "-m", str(model), *place, *flags], stdout=log, stderr=log, env=environment
        )


async def _until_healthy(session: aiohttp.ClientSession, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(_START):
        while process.poll() is None:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get("/health") as response:
                    if response.ok:
                        return
            await asyncio.sleep(0.1)
    raise RuntimeError(
        f"Expected llama-server to start, it ended with {process.returncode}; its log in {_LOGS} says why"
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
