"""What integration authors import: exactly these names with these signatures, and nothing else is loaded by it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from enum import Enum
from pathlib import Path

import hub

SNAPSHOT = Path(__file__).with_name("facade.txt")


def signatures() -> str:
    """Return a line for each exported name and each public method of what is exported."""
    return "".join(f"{line}\n" for name in sorted(hub.__all__) for line in _lines(name, getattr(hub, name)))


def _lines(name: str, value: object) -> list[str]:
    if not inspect.isclass(value):
        return [f"{name}{_signature(value)}" if inspect.isroutine(value) else f"{name}: {type(value).__name__}"]
    if issubclass(value, Exception):
        return [f"{name}({value.__mro__[1].__name__})"]
    if issubclass(value, Enum):
        return [f"{name}: {', '.join(f'{member.name}={member.value}' for member in value)}"]
    is_protocol = getattr(value, "_is_protocol", False)
    methods = sorted(inspect.getmembers(value, inspect.isfunction))
    own = [f"{name}.{key}{_signature(item)}" for key, item in methods if not key.startswith("_")]
    return [name if is_protocol else f"{name}{_signature(value)}", *own]


def _signature(value: object) -> str:
    return str(inspect.signature(value))  # type: ignore[arg-type]


def test_the_facade_is_what_was_promised() -> None:
    """A change here is a change of the API: raise ``hub.API`` if it breaks, then write the snapshot anew.

    ``python -c "from tests.test_facade import *; SNAPSHOT.write_text(signatures())"``
    """
    assert signatures() == SNAPSHOT.read_text()


def test_importing_the_facade_loads_nothing_else() -> None:
    code = "import sys, hub; print([name for name in sys.modules if name.startswith('hub.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_exported_name_is_there_once() -> None:
    assert len(hub.__all__) == len(set(hub.__all__))
    assert all(getattr(hub, name) is not None for name in hub.__all__)
