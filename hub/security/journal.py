"""The journal: a file that lines are appended to before anything else happens, so that a kill loses none of them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import NamedTuple

from hub.errors import StorageError

_ROTATE_AT = 1_000_000


class Unread(NamedTuple):
    """Lines of the journal and where they end; ``old`` if they are in the older file."""

    lines: list[bytes]
    end: int
    old: bool


class Journal:
    """Lines in a file, and in an older one until that is read.

    ``append`` is one unbuffered write: what was appended is with the operating system and survives the process. One reader
    takes the lines in their order. Appending and reading may happen in different threads.
    """

    def __init__(self, path: Path, rotate_at: int = _ROTATE_AT) -> None:
        self._path = path
        self._old_path = path.with_name(path.name + ".old")
        self._rotate_at = rotate_at
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._size = 0
        self._torn = False
        self._read = 0

    def open(self) -> None:
        """Open the file, made if missing, for its owner only.

        Raises StorageError.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._start_file()
        except OSError as error:
            raise self._failure(error) from error
        self._torn = self._size > 0  # perhaps: then the next line must not join it, and an empty line does no harm

    def append(self, line: bytes) -> None:
        """Write one line.

        Raises StorageError if it could not be written; nothing of it counts then.
        """
        with self._lock:
            if self._fd is None:
                raise StorageError(f"Expected {self._path.name} to be open: it was closed")
            data = (b"\n" if self._torn else b"") + line + b"\n"
            try:
                written = os.write(self._fd, data)
            except OSError as error:
                raise self._failure(error) from error
            self._size += written
            self._torn = written != len(data)
        if self._torn:
            raise StorageError(
                f"Expected to write {len(data)} bytes to {self._path.name}, got {written}: the disk is full"
            )

    def unread(self) -> Unread:
        """Return the lines that were not taken yet: those of the older file first, then those of the current one."""
        old = self._old_path.exists()
        with (self._old_path if old else self._path).open("rb") as file:
            file.seek(self._read)
            content = file.read()
        complete = content[: content.rfind(b"\n") + 1]
        return Unread([line for line in complete.split(b"\n") if line], self._read + len(complete), old)

    def taken(self, unread: Unread) -> None:
        """Note that these lines are kept elsewhere now: they are not read again, and their file goes when it is full."""
        if unread.old:
            self._old_path.unlink()
            self._read = 0
            return
        self._read = unread.end
        if self._read >= self._rotate_at:
            with self._lock:
                self._path.rename(self._old_path)
                self._start_file()

    def close(self) -> None:
        """Close the file; empty it if all of it was taken."""
        with self._lock:
            if self._fd is None:
                return
            if self._read == self._size and not self._old_path.exists():
                os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def _start_file(self) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if self._fd is not None:
            os.close(self._fd)
        self._fd = fd
        self._size = os.fstat(fd).st_size

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(f"Expected to write {self._path.name}, got: {error.strerror}")
