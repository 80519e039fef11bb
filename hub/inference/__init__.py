"""Models that run on this machine and on others. The worker process holds the native code; the hub only talks to it.

Names resolve on first use: the worker is in this package too, and needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.inference.backend import DEFAULT_MODEL, LocalBackend
    from hub.inference.configuration import InferenceSettings, ServerSettings
    from hub.inference.keeper import ModelState
    from hub.inference.pretrained import QuantizedModel
    from hub.inference.scripted import ScriptedBackend
    from hub.inference.settings import EngineSettings

_MODULES = {
    "DEFAULT_MODEL": "backend",
    "EngineSettings": "settings",
    "InferenceSettings": "configuration",
    "LocalBackend": "backend",
    "ModelState": "keeper",
    "QuantizedModel": "pretrained",
    "ScriptedBackend": "scripted",
    "ServerSettings": "configuration",
}

__all__ = [
    "DEFAULT_MODEL",
    "EngineSettings",
    "InferenceSettings",
    "LocalBackend",
    "ModelState",
    "QuantizedModel",
    "ScriptedBackend",
    "ServerSettings",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
