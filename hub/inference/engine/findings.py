"""What a calibration found, as a file in the cache folder."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec

Value = TypeVar("Value")
Count = Annotated[int, msgspec.Meta(ge=1, le=4096)]

FORMAT = 2
_LOGGER = logging.getLogger(__name__)


class Answer(msgspec.Struct, Generic[Value], frozen=True):
    """A setting that was tried: its value, and why, in words."""

    value: Value
    why: str


class Answers(msgspec.Struct, kw_only=True):
    """What was tried; what was not is None."""

    threads: Answer[Count] | None = None
    batch_threads: Answer[Count] | None = None
    n_ubatch: Answer[Count] | None = None
    halved: Answer[bool] | None = None
    flash_attention: Answer[bool] | None = None
    repack: Answer[bool] | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The file of a result. It is written before the trial too: one that ends the process is not begun for ever."""

    model: str
    attempts: int
    format: int = FORMAT
    done: bool = False
    seconds: float = 0.0
    answers: Answers = msgspec.field(default_factory=Answers)


def read(path: Path) -> Kept | None:
    """Read a result; anything that is none is tried again."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return kept if kept.format == FORMAT else None


def write(path: Path, kept: Kept) -> None:
    """Write a result in one step. Without a place for it, the next start measures again."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2))
        part.replace(path)
    except OSError as error:
        _LOGGER.warning("Expected to keep the calibration in %s: %s", path, error.strerror)
