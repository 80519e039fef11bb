"""What models and their files are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePath

from hub.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_PART = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})")


def checked(name: str) -> str:
    """Return a name for a model.

    Raises InvalidInput if it cannot be one.
    """
    if not _NAME.fullmatch(name) or name.endswith(".gguf"):
        raise InvalidInput(
            f"Expected a name of letters, digits and . _ + - (no path, no .gguf), got {name!r}. Give another with --name"
        )
    return name


def model_name(file: PurePath) -> str:
    """Return the name of the model in a file: without ``.gguf``, and without ``-00001-of-00003``."""
    stem = file.name.removesuffix(".gguf")
    part = _PART.fullmatch(stem)
    return part["stem"] if part else stem


def renamed(file: str, name: str) -> str:
    """Return the file's name if its model is called ``name``."""
    part = _PART.fullmatch(file.removesuffix(".gguf"))
    return f"{name}-{part['number']}-of-{part['count']}.gguf" if part else f"{name}.gguf"


def complete(files: Iterable[str]) -> list[str]:
    """Return the files of one model in their order.

    Raises InvalidInput if a part of a split model is missing.
    """
    names = sorted(files)
    part = _PART.fullmatch(PurePath(names[0]).name.removesuffix(".gguf"))
    if part is None:
        return names
    parent = PurePath(names[0]).parent
    wanted = [
        str(parent / f"{part['stem']}-{number:05}-of-{part['count']}.gguf")
        for number in range(1, int(part["count"]) + 1)
    ]
    if missing := [name for name in wanted if name not in names]:
        raise InvalidInput(f"Expected all {len(wanted)} parts of {part['stem']}, {missing[0]} is missing")
    return wanted


def siblings(path: Path) -> list[Path]:
    """Return all files of a model of which one is given.

    Raises InvalidInput if one is missing.
    """
    name = model_name(path)
    parts = [
        str(file) for file in path.parent.glob("*.gguf") if model_name(file) == name and _PART.fullmatch(file.stem)
    ]
    is_part = _PART.fullmatch(path.stem) is not None
    return [Path(file) for file in complete(parts)] if is_part else [path]
