"""Why a worker ended, in words: its signal, and whether memory ran out."""

from __future__ import annotations

import signal
from pathlib import Path

_COUNTERS = (
    Path("/proc/vmstat"),
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
_SMALLER = "use a smaller model, a smaller inference: context:, or cache_type: q8_0"


def kills_for_memory() -> int:
    """Return how many processes the system has ended for want of memory, as far as it tells; 0 where it does not."""
    return sum(_count(path) for path in _COUNTERS)


def describe(code: int, kills_before: int, memory_limit: int | None) -> str:
    """Return why a worker that ended with this exit code did so; a negative one is a signal's number."""
    if code == -signal.SIGKILL and kills_for_memory() > kills_before:
        return f"it was killed, and the system has just ended a process because memory ran out: {_SMALLER}"
    if code == -signal.SIGKILL:
        return "it was killed (SIGKILL)"
    if code < 0 and memory_limit is not None:
        return (
            f"native code ended it ({_signal(code)}), perhaps at its limit of {memory_limit / 1e9:.1f} GB: {_SMALLER}"
        )
    if code < 0:
        return f"native code ended it ({_signal(code)})"
    return f"it ended with exit code {code}; its own words are in the log"


def _signal(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _count(path: Path) -> int:
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return 0
    return sum(int(words[1]) for words in lines if len(words) == 2 and words[0] == "oom_kill" and words[1].isdigit())
