from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.testing import RecordingHost
from tests.node_program import NodeProgram

FOLDER = Path(__file__).parent / "peer"


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


NODES: list[dict[str, Any]] = [
    {"node": "ns=1;s=Temperature", "precision": 1},
    {"node": "ns=1;s=SetPoint", "name": "Set point", "writable": True},
    {"node": "ns=1;s=Pump", "writable": True},
    {"node": "ns=1;s=Alarm", "device_class": "problem"},
    {"node": "ns=1;s=Speed", "writable": True, "min": 0, "max": 6000, "unit": "rpm", "scale": 2},
    {"node": "ns=1;s=Mode", "writable": True},
    {"node": "ns=1;s=Label", "writable": True},
    {"node": "ns=1;s=Serial"},
    {"node": "ns=1;s=Stubborn", "writable": True, "min": 0, "max": 10},
    {"node": "ns=1;s=Locked", "writable": True, "min": 0, "max": 10},
    {"node": "ns=1;s=Reset"},
]
"""Nodes of the peer, as a user names them."""


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server's certificates, made once: it takes seconds."""
    return tmp_path_factory.mktemp("opcua")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def program(port: int, pki: Path) -> AsyncIterator[NodeProgram]:
    """node-opcua's server with a boiler, one for all tests of a module: it takes seconds to start."""
    program = NodeProgram("opcua", FOLDER, port, pki)
    await program.start()
    yield program
    await program.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def server(program: NodeProgram) -> NodeProgram:
    """The server as it was at first."""
    if not program.is_up:
        await program.start()
    await program.tell(reset=True)
    program.heard.clear()
    return program


@pytest.fixture
def data(port: int) -> dict[str, Any]:
    """The entry's data."""
    return {"url": f"opc.tcp://127.0.0.1:{port}", "interval": 0.1, "nodes": NODES}


@pytest_asyncio.fixture(loop_scope="module")
async def host() -> AsyncIterator[RecordingHost]:
    host = RecordingHost()
    yield host
    await host.close()
