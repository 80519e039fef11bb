"""The shipped contract suite, over an integration that is made to be tried."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from hub.core.clock import SystemClock
from hub.plugins.isolation import Isolation
from hub.plugins.manager import GROUP, Plugins
from hub.testing import AdapterContract, Peer, Trial


@pytest.mark.usefixtures("_importable")
class TestContract(AdapterContract):
    integration = "wild"
    trials = (
        Trial(action="light.turn_on", unique_id="lamp", state="on", data={"brightness": 3}),
        Trial(action="light.turn_off", unique_id="lamp", state="off"),
    )

    def plugins(self) -> Plugins:
        return Plugins([EntryPoint(name="wild", value="wild", group=GROUP)], isolation=Isolation(SystemClock()))

    @pytest.fixture
    def peer(self) -> Peer:
        return Peer(data={"name": "somebody"})
