"""A new integration, copied from the template with its names replaced."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from hub.errors import InvalidInput

_TEXT = {".md", ".py", ".toml", ".json", ".yml"}
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", "*.egg-info", "dist")


def template_folder() -> Path:
    """Return the folder of the template: in the wheel, or in a source checkout."""
    packed = Path(__file__).parent / "template"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "integrations" / "_template"


def scaffold(name: str, title: str, folder: Path) -> list[Path]:
    """Make the integration ``name`` in a new folder of that name in ``folder``; return the files made.

    Raises InvalidInput if the name cannot be one, or there is something already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise InvalidInput(f"Expected a name of small letters, digits and underscores such as my_sensor, got {name!r}")
    target = folder / name
    if target.exists():
        raise InvalidInput(f"Expected a name that is free, got {name}: {target} exists")
    shutil.copytree(template_folder(), target, ignore=_LEFT_OUT)
    words = _words(name, title)
    for path in sorted(target.rglob("*"), key=lambda path: len(path.parts), reverse=True):
        _rename(path, words)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _words(name: str, title: str) -> dict[str, str]:
    """Return what stands for what: the template is an integration of its own, called the blank device."""
    return {
        "blank_device": name,
        "blank-device": name.replace("_", "-"),
        "BlankDevice": "".join(part.capitalize() for part in name.split("_")),
        "Blank device": title,
    }


def _rename(path: Path, words: dict[str, str]) -> None:
    if path.is_file() and path.suffix in _TEXT:
        path.write_text(_replaced(path.read_text(encoding="utf-8"), words), encoding="utf-8")
    renamed = path.with_name(_replaced(path.name, words))
    if renamed != path:
        path.rename(renamed)


def _replaced(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text
