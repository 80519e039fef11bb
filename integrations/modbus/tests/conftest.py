from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.testing import RecordingHost
from tests.node_program import NodeProgram

FOLDER = Path(__file__).parent / "peer"


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


MAP: list[dict[str, Any]] = [
    {"name": "Temperature", "kind": "input", "address": 0, "type": "float32", "unit": "°C", "device_class": "temperature"},
    {"name": "Outside", "kind": "input", "address": 2, "type": "int16", "scale": 0.1, "unit": "°C"},
    {"name": "Status", "kind": "input", "address": 3, "options": {0: "idle", 1: "heating"}},
    {"name": "Energy", "kind": "input", "address": 10, "type": "uint32", "unit": "Wh"},
    {"name": "Serial", "kind": "input", "address": 20, "type": "string", "length": 4},
    {"name": "Set point", "address": 0, "type": "int16", "scale": 0.1, "min": 5, "max": 90, "writable": True, "unit": "°C"},
    {"name": "Gain", "address": 1, "type": "float32", "min": 0, "max": 10, "writable": True},
    {"name": "Mode", "address": 3, "options": {0: "off", 1: "eco", 2: "comfort"}, "writable": True},
    {"name": "Night", "address": 4, "bit": 0, "writable": True},
    {"name": "Fault", "address": 4, "bit": 3},
    {"name": "Label", "address": 10, "type": "string", "length": 4, "writable": True},
    {"name": "Stubborn", "address": 40, "min": 0, "max": 10, "writable": True},
    {"name": "Pump", "kind": "coil", "address": 0, "writable": True},
    {"name": "Valve", "kind": "coil", "address": 1},
    {"name": "Reset", "kind": "coil", "address": 2, "press": 1},
    {"name": "Door", "kind": "discrete", "address": 0, "device_class": "door"},
]  # fmt: skip
"""A register map of what the peer holds."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def devices(port: int) -> AsyncIterator[NodeProgram]:
    """modbus-serial's devices behind a TCP port."""
    program = NodeProgram("modbus", FOLDER, "tcp", port)
    await program.start()
    yield program
    await program.stop()


@pytest.fixture
def data(port: int) -> dict[str, Any]:
    """The entry's data of one of them."""
    device = {"unit_id": 1, "name": "Boiler", "poll": 0.1, "registers": MAP}
    return {"host": "127.0.0.1", "port": port, "timeout": 1, "devices": [device]}


@pytest.fixture
async def host() -> AsyncIterator[RecordingHost]:
    host = RecordingHost()
    yield host
    await host.close()
