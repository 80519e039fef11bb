"""One part of the set-up: what it needs, what it does, and the stamp by which the next start skips it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bootstrap.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``inputs`` decide when it has to be done again; ``products`` must be there for its stamp to count."""

    name: str
    title: str
    takes: str
    inputs: Callable[[], Iterable[Path | str]]
    products: tuple[Path, ...]
    stamps: Path
    work: Callable[[Job], None]
    remedy: str
    optional: bool = False  # the hub runs without it, and says so

    def is_needed(self) -> bool:
        return not all(path.exists() for path in self.products) or self._stamped() != digest(self.inputs())

    def stamp(self) -> None:
        self.stamps.mkdir(parents=True, exist_ok=True)
        (self.stamps / self.name).write_text(digest(self.inputs()))

    def _stamped(self) -> str | None:
        try:
            return (self.stamps / self.name).read_text()
        except OSError:
            return None


def digest(inputs: Iterable[Path | str]) -> str:
    """Return one hash of texts and of the names and contents of files."""
    total = hashlib.sha256()
    for item in inputs:
        content = item.read_bytes() if isinstance(item, Path) else item.encode()
        total.update(f"{item if isinstance(item, str) else item.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()
