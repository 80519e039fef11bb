"""Files too large to copy without a word: room for them, and how far they are."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from hub.errors import StorageError
from hub.inference.library.progress import Advance, Progress, Unit

_BLOCK = 4 * 1024 * 1024


def copied(source: Path, target: Path, progress: Progress) -> str:
    """Copy a file; return its SHA-256 in hexadecimal digits.

    Raises StorageError if there is no room, or it cannot be read or written.
    """
    digest, total, done = hashlib.sha256(), source.stat().st_size, 0
    check_room(target.parent, total)
    try:
        with source.open("rb") as reader, target.open("xb") as writer:
            while block := reader.read(_BLOCK):
                writer.write(block)
                digest.update(block)
                done += len(block)
                progress(Advance(task="Copying", done=done, total=total, unit=Unit.BYTES, detail=source.name))
            writer.flush()
            os.fsync(writer.fileno())
    except OSError as error:
        raise StorageError(f"Expected to copy {source} to {target.parent}: {error.strerror or error}") from error
    return digest.hexdigest()


def check_room(folder: Path, size: int) -> None:
    """Raise StorageError if a file of so many bytes does not fit on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise StorageError(
            f"Expected {size / 1e9:.2f} GB free on the disk of {folder}, there are {free / 1e9:.2f} GB: remove a model, or use "
            "another disk and 'hearth model add --link'"
        )
