"""For the tests of integrations: a host that records, a whole hub that runs, contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.core.clock import SimulatedClock
from hub.testing.host import MemoryStorage, RecordingHost

if TYPE_CHECKING:
    from hub.testing.home import MemoryHome
    from hub.testing.ports import MemoryStore
    from hub.testing.running import RunningHub, running_hub

__all__ = ["MemoryHome", "MemoryStorage", "MemoryStore", "RecordingHost", "RunningHub", "SimulatedClock", "running_hub"]


def __getattr__(name: str) -> Any:
    if name == "MemoryHome":
        from hub.testing.home import MemoryHome  # noqa: PLC0415

        return MemoryHome
    if name == "MemoryStore":
        from hub.testing.ports import MemoryStore  # noqa: PLC0415

        return MemoryStore
    if name in ("RunningHub", "running_hub"):  # a whole hub is loaded only where a test runs one
        from hub.testing import running  # noqa: PLC0415

        return getattr(running, name)
    raise AttributeError(f"module 'hub.testing' has no attribute {name!r}")
