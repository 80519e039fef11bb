"""The page on ``inference:`` of ``hearth.yaml``, from the keys that are checked."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from hub.inference.keys import ENGINE, GPU, SERVER, WHOLE, Key
from hub.inference.settings import EngineSettings

_GPU_DEFAULTS = {"layers": "`all`", "device": "0", "split": "`layer`"}


def inference_page() -> str:
    """Return the page."""
    engine = {key.name for key in ENGINE}
    defaults = {key.name: _default(getattr(EngineSettings(), key.name)) for key in ENGINE} | {"cache": "`on`"}
    named = [key for key in WHOLE if key.name not in engine and key.name not in ("gpu", "servers")]
    parts = {
        "inference": _table([*named, *ENGINE], defaults),
        "inference: gpu": _table(GPU, _GPU_DEFAULTS),
        "inference: servers, each": _table(SERVER, {}),
    }
    lines = ["# Settings of inference", "", "What to choose for which machine: see [inference](../inference.md).", ""]
    for title, rows in parts.items():
        lines += [f"## {title}", "", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(keys: Iterable[Key], defaults: dict[str, str]) -> list[str]:
    rows = [f"| `{key.name}` | {key.values} | {defaults.get(key.name, '')} | {key.meaning} |" for key in keys]
    return ["| key | values | default | meaning |", "|---|---|---|---|", *rows]


def _default(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return f"`{value}`"
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"{value:,}"
