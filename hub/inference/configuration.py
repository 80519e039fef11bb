"""``inference:`` of ``hearth.yaml``: which model, how it is run, and which servers help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import voluptuous as vol

from hub.config.marks import locate
from hub.errors import ConfigError, HubError
from hub.inference.keys import WHOLE, table
from hub.inference.library.store import configured
from hub.inference.settings import EngineSettings

CACHE_FOLDER = ".hearth/inference"
_GPU_FIELDS = {"layers": "gpu_layers", "device": "gpu_device", "split": "split_mode", "shares": "tensor_split"}
_check = table(WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """An OpenAI-compatible server. ``model`` None is the first that it lists; ``dialect`` None is found out."""

    url: str
    model: str | None = None
    token: str | None = field(default=None, repr=False)
    dialect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSettings:
    """What ``inference:`` says. ``model`` is a name of the library or a file, None the command model that comes with Hearth."""

    model: str | None = None
    engine: EngineSettings = field(default_factory=EngineSettings)
    servers: tuple[ServerSettings, ...] = ()

    @staticmethod
    def parse(value: Mapping[str, Any] | None, folder: Path) -> InferenceSettings:
        """Return the settings written under ``inference:`` in a configuration folder.

        Raises ConfigError naming the key, what was expected and what came, and where it stands.
        """
        try:
            checked = _check({} if value is None else value)
        except vol.Invalid as error:
            raise _located(value, error) from None
        cache = str(folder / CACHE_FOLDER) if checked.pop("cache", True) else None
        gpu = {_GPU_FIELDS[key]: value for key, value in checked.pop("gpu", {}).items()}
        model = checked.pop("model", None)
        servers = tuple(ServerSettings(**server) for server in checked.pop("servers", []))
        engine = msgspec.structs.replace(EngineSettings(cache=cache), **checked, **gpu)
        return InferenceSettings(model=model, engine=engine, servers=servers)


def problems(value: Mapping[str, Any], folder: Path) -> list[HubError]:
    """Return what is wrong with ``inference:``, the model's file included."""
    try:
        settings = InferenceSettings.parse(value, folder)
        configured(folder, settings.model)
    except HubError as error:
        return [error]
    return []


def _located(value: Mapping[str, Any] | None, error: vol.Invalid) -> ConfigError:
    file, line = locate(value, error.path)
    path = ("inference", *(str(key) for key in error.path))
    return ConfigError(f"{': '.join(path)}: {error.msg}", file=file, line=line, path=path)
