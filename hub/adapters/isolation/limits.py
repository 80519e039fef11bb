"""What a process of an integration's own may use, and which interpreter runs it.

Memory is bounded twice. The process says with each heartbeat how much it holds, and is ended when that is more than it may:
the reason is then known. What leaks faster than the heart beats meets ``RLIMIT_DATA``, at twice the limit: the kernel refuses
it memory. ``RLIMIT_AS`` would not do: threads and libraries reserve address space that nobody uses, by the hundred megabytes.
Last, the kernel's own choice when the machine runs out falls on these processes before the hub.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import voluptuous as vol

from hub.errors import InvalidInput

_PAGE = resource.getpagesize()
_MEGABYTE = 1024 * 1024
_FIRST_VICTIM = "500"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings of an isolated config entry; ``isolated: true`` takes the defaults.

    ``python`` is the interpreter of its environment (None: the hub's own). ``cpu_percent`` of one processor, on average over
    a minute (None: no limit); ``niceness`` lets the hub go first anyway. ``patience`` is how many seconds it may fail to
    answer a heartbeat.
    """

    python: str | None = None
    memory_mb: int = 512
    cpu_percent: int | None = None
    niceness: int = 5
    patience: float = 20.0

    @staticmethod
    def chosen(wish: bool | Mapping[str, Any] | None, *, default: bool) -> Limits | None:
        """Return the limits of an entry that says ``isolated: wish``, or None if it runs in the hub's process.

        Raises InvalidInput.
        """
        if wish is None or isinstance(wish, bool):
            return Limits() if (default if wish is None else wish) else None
        if not isinstance(wish, Mapping):
            raise InvalidInput(f"Expected true, false or limits in 'isolated', got {wish!r}", path=("isolated",))
        try:
            return Limits(**_SCHEMA(dict(wish)))
        except vol.Invalid as error:
            raise InvalidInput(f"{error} in 'isolated'", path=("isolated",)) from None


def _interpreter(value: Any) -> str:
    if not isinstance(value, str) or not Path(value).expanduser().is_file():
        raise vol.Invalid(f"expected the path of a Python interpreter such as /opt/venv/bin/python, got {value!r}")
    return str(Path(value).expanduser().absolute())


_SCHEMA = vol.Schema(
    {
        "python": _interpreter,
        "memory_mb": vol.All(int, vol.Range(min=32)),
        "cpu_percent": vol.All(int, vol.Range(min=1)),
        "niceness": vol.All(int, vol.Range(min=0, max=19)),
        "patience": vol.All(vol.Coerce(float), vol.Range(min=0.1)),
    }
)


def confine(limits: Limits) -> None:
    """Put these limits on this process."""
    os.nice(limits.niceness)
    most = 2 * limits.memory_mb * _MEGABYTE
    with contextlib.suppress(ValueError, OSError):  # a lower limit stands already
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with contextlib.suppress(OSError):  # there is none outside Linux
        Path("/proc/self/oom_score_adj").write_text(_FIRST_VICTIM)


def memory_mb() -> float:
    """Return how much memory this process holds; outside Linux, the most that it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        unit = _MEGABYTE if sys.platform == "darwin" else 1024
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
    return round(pages * _PAGE / _MEGABYTE, 1)
