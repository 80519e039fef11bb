"""What is written down of a model when it comes into the library."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from hub.errors import StorageError
from hub.inference.library.progress import Advance, Progress, Unit, silent

_BLOCK = 4 * 1024 * 1024


class RecordedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was when it came."""

    name: str
    size: int
    sha256: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A model: where it came from, when (seconds since 1970), and its files, the first one first."""

    name: str
    source: str
    added: float
    files: tuple[RecordedFile, ...]


def read_record(path: Path) -> Record:
    """Read a record.

    Raises StorageError if it cannot be read.
    """
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StorageError(f"Expected a model's record in {path}: {error}. Remove that file") from error
    names = [record.name, *(file.name for file in record.files)]
    if record.name != path.stem or not record.files or any(name != Path(name).name for name in names):
        raise StorageError(
            f"Expected the record of {path.stem} in {path}, it is of {', '.join(names)}. Remove that file"
        )
    return record


def write_record(path: Path, record: Record) -> None:
    """Write a record so that others see it whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=2))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def sha256(path: Path, progress: Progress = silent) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    digest, total, done = hashlib.sha256(), path.stat().st_size, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress(Advance(task="Checking", done=done, total=total, unit=Unit.BYTES, detail=path.name))
    return digest.hexdigest()
