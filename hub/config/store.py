"""Versioned JSON documents: written soon, atomically, and never half."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from hub.errors import StorageError

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
Migrate = Callable[[dict[str, Any], int], dict[str, Any]]
_log = logging.getLogger(__name__)


class JsonStores:
    """The documents of one folder. ``run`` writes what has changed, ``delay`` seconds after the first change."""

    def __init__(self, folder: Path, delay: float = 0.5) -> None:
        self._folder = folder
        self._delay = delay
        self._stores: dict[str, JsonStore] = {}
        self._changed = asyncio.Event()

    def store(self, name: str) -> JsonStore:
        """Return the document ``name``; the same object for the same name."""
        if name not in self._stores:
            self._stores[name] = JsonStore(self._folder / f"{name}.json", self._changed.set)
        return self._stores[name]

    async def run(self) -> None:
        """Write changed documents until cancelled; then write what is left."""
        try:
            while True:
                await self._changed.wait()
                await asyncio.sleep(self._delay)
                self._changed.clear()
                for store in list(self._stores.values()):
                    await store.write_changed()
        finally:
            self.flush()

    def flush(self) -> None:
        """Write everything that has changed, now."""
        for store in self._stores.values():
            store.flush()


class JsonStore:
    """One document: ``{"version": n, "data": {...}}``."""

    def __init__(self, path: Path, changed: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._changed = changed
        self._pending: tuple[int, Callable[[], dict[str, Any]]] | None = None

    def load(self, version: int, migrate: Migrate) -> dict[str, Any] | None:
        """Return the document, brought up to ``version``; None if there is none.

        Raises StorageError if it cannot be read or was saved by a newer version of Hearth.
        """
        if self._pending is not None:
            return _plain(self._pending[1]())
        try:
            document = orjson.loads(self._path.read_bytes())
            saved, data = int(document["version"]), document["data"]
        except FileNotFoundError:
            return None
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"Expected a JSON document with version and data in {self._path}: {error}. "
                "Restore it from a backup, or move it away to begin anew"
            ) from error
        if saved > version:
            raise StorageError(
                f"Expected {self._path} in version {version} or older, got {saved}: install a newer Hearth"
            )
        return migrate(data, saved) if saved < version else data

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        """Write ``data()`` soon; dataclasses in it become mappings."""
        self._pending = (version, data)
        self._changed()

    async def write_changed(self) -> None:
        """Write in a thread what is waiting to be written, if anything is."""
        waiting, content = self._pending, self._take()
        if content is not None:
            try:
                await asyncio.to_thread(write_atomically, self._path, content)
            except OSError as error:
                self._pending = self._pending or waiting
                _log.error("Could not write %s, which is tried again with the next change: %s", self._path, error)

    def flush(self) -> None:
        """Write now what is waiting to be written, if anything is."""
        content = self._take()
        if content is not None:
            write_atomically(self._path, content)

    def _take(self) -> bytes | None:
        if self._pending is None:
            return None
        (version, data), self._pending = self._pending, None
        return orjson.dumps({"version": version, "data": data()}, option=_OPTIONS)


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return data as it is read back."""
    read: dict[str, Any] = orjson.loads(orjson.dumps(data, option=_OPTIONS))
    return read


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content so that a reader, or a crash, meets the old or the new one. Its mode is 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
