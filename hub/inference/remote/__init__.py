"""Models on other servers, behind the same interface as the local one."""

from hub.inference.remote.backend import RemoteBackend
from hub.inference.remote.pool import BackendPool
from hub.inference.remote.watch import ServerState

__all__ = ["BackendPool", "RemoteBackend", "ServerState"]
