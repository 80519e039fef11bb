"""Models that run on this machine. The worker process holds the native code; the hub only talks to it."""

from hub.inference.backend import DEFAULT_MODEL, LocalBackend, ModelState
from hub.inference.scripted import ScriptedBackend

__all__ = ["DEFAULT_MODEL", "LocalBackend", "ModelState", "ScriptedBackend"]
