"""Whole homes as processes, Hearth's and Home Assistant's, and what they use; no benchmark itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth_home_assistant.testing import home_assistant
from hearth_mqtt.testing import free_port
from hub.config.folder import AUTH_FILE
from hub.core.clock import SystemClock
from hub.security import Auth

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Home:
    """A hub that runs: where its API is and where it is spoken to in MQTT."""

    pid: int
    port: int
    token: str
    mqtt_port: int
    folder: Path

    def loop_seconds(self) -> float:
        """Return the CPU seconds of the thread that runs the event loop."""
        return _seconds(Path("/proc", str(self.pid), "task", str(self.pid), "stat"))

    def seconds(self, *, with_children: bool = False) -> float:
        """Return the CPU seconds of all its threads, with the processes that it started if asked for."""
        pids = [self.pid, *(_children(self.pid) if with_children else ())]
        return sum(_seconds(Path("/proc", str(pid), "stat")) for pid in pids)

    def megabytes(self, *, with_children: bool = False) -> float:
        """Return the memory that it holds, with the processes that it started if asked for."""
        pids = [self.pid, *(_children(self.pid) if with_children else ())]
        return sum(_kilobytes(pid) for pid in pids) / 1024

    def written(self) -> int:
        """Return the bytes that it and the processes that it started have written to files."""
        return sum(_field(Path("/proc", str(pid), "io"), "write_bytes") for pid in [self.pid, *_children(self.pid)])

    def ask(self, path: str) -> Any:
        """Return what the REST API answers at ``/api/<path>``."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{path}", headers={"Authorization": f"Bearer {self.token}"})  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http on loopback
            return json.load(answer)

    def wait_for(self, entity_id: str, state: str) -> None:
        """Wait until an entity has a state."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.ask(f"states/{entity_id}")["state"] == state:
                    return
            time.sleep(0.1)
        raise SystemExit(f"Expected {entity_id} to become {state} within {_PATIENCE:g} s")


@contextmanager
def hearth(folder: Path, settings: Mapping[str, Any]) -> Iterator[Home]:
    """Run a hub in a process of its own, with an owner, as ``hearth run`` does."""
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "hearth.yaml").write_text(json.dumps({"server": {"port": 0}, **settings}))
    token = asyncio.run(_owner(folder))
    command = [sys.executable, "-m", "hub.cli", "run", "--json", "--config", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            told = process.stdout.readline()
            if not told:
                raise SystemExit("Expected a hub that runs, it ended: try `hearth run`")
            port = int(json.loads(told)["url"].rpartition(":")[2])
            yield Home(process.pid, port, token, port, folder)
        finally:
            process.terminate()


async def _owner(folder: Path) -> str:
    async with Auth(folder / AUTH_FILE, SystemClock()) as auth:
        code = auth.welcome_code() or ""
        await auth.create_owner(
            code, "Bench", "bench", "correct horse battery", language="en", client_id="bench", address="127.0.0.1"
        )
        return await auth.create_for_owner("bench", 1)


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Run mosquitto; yield its port."""
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise SystemExit("Expected mosquitto to compare with. Install it: apt-get install mosquitto")
    port = free_port()
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    with subprocess.Popen([program, "-c", configuration], stderr=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()


@contextmanager
def plain_peer(folder: Path) -> Iterator[Home]:
    """Run a Home Assistant with nothing but its API."""
    with home_assistant(folder, "") as peer:
        yield Home(peer.pid, peer.port, peer.token, 0, folder)


@contextmanager
def peer_with_mqtt(folder: Path, configuration: str = "") -> Iterator[Home]:
    """Run a Home Assistant whose MQTT integration is connected to a mosquitto."""
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    with mosquitto(folder) as port:
        entry = {
            "entry_id": "bench",
            "version": 1,
            "minor_version": 2,
            "domain": "mqtt",
            "title": "MQTT",
            "data": {"broker": "127.0.0.1", "port": port, "discovery": True},
            "options": {},
            "pref_disable_new_entities": False,
            "pref_disable_polling": False,
            "source": "user",
            "unique_id": None,
            "disabled_by": None,
        }
        document = {"version": 1, "minor_version": 1, "key": "core.config_entries", "data": {"entries": [entry]}}
        (storage / "core.config_entries").write_text(json.dumps(document))
        with home_assistant(folder, configuration) as peer:
            yield Home(peer.pid, peer.port, peer.token, port, folder)


def _seconds(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _children(pid: int) -> list[int]:
    found = Path("/proc", str(pid), "task", str(pid), "children").read_text().split()
    direct = [int(child) for child in found]
    return [*direct, *(grandchild for child in direct for grandchild in _children(child))]


def _kilobytes(pid: int) -> int:
    return _field(Path("/proc", str(pid), "status"), "VmRSS")


def _field(file: Path, name: str) -> int:
    line = next(line for line in file.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
