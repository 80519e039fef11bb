"""Locks between processes, which the end of a process frees."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub.errors import StorageError


@contextmanager
def flock(path: Path, *, wait: bool) -> Iterator[bool]:
    """Lock a file, which is made with its folders, for the time of the block; give False if another process holds it.

    With ``wait`` it is held in the end. Raises StorageError if the folder cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"Expected a folder that can be written, got {path.parent}: {error.strerror}") from error
    try:
        held = False
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        yield held
    finally:
        os.close(handle)
