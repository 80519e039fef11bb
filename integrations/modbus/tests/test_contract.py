"""The contract suite, in the hub's process and in one of its own, with modbus-serial's devices."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.testing import AdapterContract, Trial
from hub.testing import Peer as ContractPeer
from integrations.modbus.tests.conftest import FOLDER, MAP, free_port
from tests.node_program import NodeProgram

PORT = free_port()
DEVICE = {"unit_id": 1, "name": "Boiler", "poll": 0.2, "registers": MAP}
PUMP = f"127.0.0.1:{PORT}/1/coil/0"
SET_POINT = f"127.0.0.1:{PORT}/1/holding/0"


class TestContract(AdapterContract):
    integration = "modbus"
    trials = (
        Trial(action="switch.turn_on", unique_id=PUMP, state="on"),
        Trial(action="number.set_value", unique_id=SET_POINT, data={"value": 61.5}, state="61.5"),
    )

    @pytest.fixture
    async def peer(self) -> AsyncIterator[ContractPeer]:
        program = NodeProgram("modbus", FOLDER, "tcp", PORT)
        await program.start()
        yield ContractPeer(
            data={"host": "127.0.0.1", "port": PORT, "timeout": 1, "devices": [DEVICE]},
            stop=program.stop,
            start=program.start,
        )
        await program.stop()
