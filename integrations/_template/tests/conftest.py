from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth_blank_device.testing import Device


@pytest.fixture
async def device() -> AsyncIterator[Device]:
    """A device that is on."""
    device = Device()
    await device.start()
    yield device
    await device.stop()
