"""What every integration must do, with this one."""

from __future__ import annotations

import pytest

from hearth_blank_device.testing import Device
from hub.testing import AdapterContract, MemoryHome, Peer, Trial


class TestContract(AdapterContract):
    integration = "blank_device"
    trials = (
        Trial(action="switch.turn_on", unique_id="4711-relay", state="on"),
        Trial(action="switch.turn_off", unique_id="4711-relay", state="off"),
    )

    @pytest.fixture
    def peer(self, device: Device) -> Peer:
        return Peer(data={"host": "127.0.0.1", "port": device.port}, stop=device.stop, start=device.start)

    async def test_what_the_device_measures_is_shown(
        self, home: MemoryHome, peer: Peer, device: Device, isolated: bool
    ) -> None:
        home.configure(self.integration, peer.data, isolated=isolated)
        await home.until(lambda: (state := home.state_of("4711-temperature")) is not None and state.state == "21.5")
        device.say("temperature 22.25")
        await home.until(lambda: home.state_of("4711-temperature").state == "22.25")  # type: ignore[union-attr]
