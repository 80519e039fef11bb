"""For the tests of integrations: a home in memory, a host that records, a whole hub that runs, contract suites."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hub.core.clock import SimulatedClock
from hub.testing.host import MemoryStorage, RecordingHost

if TYPE_CHECKING:
    from hub.testing.adapters import AdapterContract, Peer, Trial
    from hub.testing.home import MemoryHome
    from hub.testing.ports import MemoryStore
    from hub.testing.running import RunningHub, running_hub
    from hub.testing.stores import ConversationStoreContract

__all__ = [
    "AdapterContract",
    "ConversationStoreContract",
    "MemoryHome",
    "MemoryStorage",
    "MemoryStore",
    "Peer",
    "RecordingHost",
    "RunningHub",
    "SimulatedClock",
    "Trial",
    "running_hub",
]
_LATE = {
    "hub.testing.adapters": ("AdapterContract", "Peer", "Trial"),
    "hub.testing.home": ("MemoryHome",),
    "hub.testing.ports": ("MemoryStore",),
    "hub.testing.running": ("RunningHub", "running_hub"),
    "hub.testing.stores": ("ConversationStoreContract",),
}
"""What is loaded only where a test uses it: some need pytest, some the whole hub."""


def __getattr__(name: str) -> Any:
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'hub.testing' has no attribute {name!r}")
