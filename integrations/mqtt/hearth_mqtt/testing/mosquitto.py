"""mosquitto's programs as foreign peers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import unittest
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 10.0
"""Seconds after which a test that waits has failed."""


def require(program: str) -> str:
    """Return the program's path, or skip the test."""
    path = shutil.which(program, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if path is None:
        raise unittest.SkipTest(f"needs {program}: apt-get install mosquitto mosquitto-clients")
    return path


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Finished:
    """How a program ended."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A program at work, with its output line by line."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def line(self) -> str:
        """Return the next line of its output."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            text = (await self.process.stdout.readline()).decode().rstrip("\n")
        self.lines.append(text)
        return text

    async def finish(self) -> Finished:
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate()
        return Finished(self.process.returncode or 0, out.decode(), err.decode())

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@dataclass
class Mosquitto:
    """mosquitto_pub and mosquitto_sub, aimed at one port."""

    port: int
    user: tuple[str, ...] = ("-u", "device", "-P", "secret")
    running: list[Running] = field(default_factory=list)

    async def publish(self, *arguments: str, version: str = "311") -> Finished:
        command = [
            require("mosquitto_pub"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-V",
            version,
            *self.user,
            *arguments,
        ]
        return await (await start(*command)).finish()

    async def subscribe(self, *arguments: str, version: str = "311") -> Running:
        """Start mosquitto_sub with these arguments."""
        command = [
            require("mosquitto_sub"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-V",
            version,
            *self.user,
            *arguments,
        ]
        program = await start("stdbuf", "-oL", *command)
        self.running.append(program)
        return program

    async def close(self) -> None:
        for program in self.running:
            await program.kill()


async def start(*command: str) -> Running:
    pipe = asyncio.subprocess.PIPE
    return Running(
        await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    )


async def start_broker(folder: Path, port: int, *settings: str) -> Running:
    """Start mosquitto on ``port`` and wait until it takes connections."""
    configuration = folder / "mosquitto.conf"
    configuration.write_text("\n".join([f"listener {port} 127.0.0.1", *settings, ""]))
    broker = await start(require("mosquitto"), "-c", str(configuration))
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return broker
            await asyncio.sleep(0.02)  # mosquitto does not say when it listens
