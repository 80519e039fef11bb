"""A group of processes that may have only so much memory (a cgroup of Linux), to see what happens on a small machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inference_sides import tell

_ROOT = Path("/sys/fs/cgroup")
_JOIN = 'echo $$ > "$0" && exec "$@"'  # a shell enters the group, then becomes the program


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """``command`` goes before a command's words to run it in the group; without a group it is empty."""

    folder: Path | None

    @property
    def command(self) -> list[str]:
        """What runs a command within."""
        return ["/bin/sh", "-c", _JOIN, str(self.folder / "cgroup.procs")] if self.folder else []

    def evictions(self) -> int | None:
        """Return how often the limit was met, so that pages had to go; None without a group."""
        if self.folder is None:
            return None
        first = self.folder / "memory.failcnt"
        if first.exists():
            return int(first.read_text())
        events = dict(line.split() for line in (self.folder / "memory.events").read_text().splitlines())
        return int(events["max"])


@contextlib.contextmanager
def limited(limit: int) -> Iterator[MemoryGroup]:
    """Make a group for the block; where the system lets us make none, say so and limit nothing."""
    folder = (_ROOT / "memory" if (_ROOT / "memory").exists() else _ROOT) / f"hearth-bench-{os.getpid()}"
    try:
        folder.mkdir()
        limit_file = folder / "memory.limit_in_bytes"
        (limit_file if limit_file.exists() else folder / "memory.max").write_text(str(limit))
    except OSError as error:
        tell(f"Memory is not limited, only measured: {error}")
        yield MemoryGroup(None)
        return
    try:
        yield MemoryGroup(folder)
    finally:
        folder.rmdir()


def forget_file(path: Path) -> None:
    """Let the system drop a file from memory: whoever reads it next has its pages counted."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
