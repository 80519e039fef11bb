"""The contract suite, in the hub's process and in one of its own, with node-opcua's server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.testing import AdapterContract, Peer, Trial
from integrations.opcua.tests.conftest import FOLDER, NODES, free_port
from tests.node_program import NodeProgram

PORT = free_port()


class TestContract(AdapterContract):
    integration = "opcua"
    seconds = 40.0
    trials = (
        Trial(action="switch.turn_on", unique_id=f"127.0.0.1:{PORT} ns=1;s=Pump", state="on"),
        Trial(action="number.set_value", unique_id=f"127.0.0.1:{PORT} ns=1;s=SetPoint", data={"value": 61.5}, state="61.5"),
    )  # fmt: skip

    @pytest.fixture
    async def peer(self, pki: Path) -> AsyncIterator[Peer]:
        program = NodeProgram("opcua", FOLDER, PORT, pki)
        await program.start()
        data = {"url": f"opc.tcp://127.0.0.1:{PORT}", "interval": 0.1, "nodes": NODES}
        yield Peer(data=data, stop=program.stop, start=program.start)
        await program.stop()
