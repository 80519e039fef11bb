"""The model that was chosen while a hub ran. It is kept beside ``hearth.yaml``, which stays the user's own file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from hub.config.store import JsonStore
from hub.errors import StorageError
from hub.inference.library.store import configured

DOCUMENT = "inference"
"""The choice is in ``.hearth/inference.json``."""
_VERSION = 1
_log = logging.getLogger(__name__)


class Choice:
    """What was chosen last, until ``hearth.yaml`` names another model than it did then.

    ``written`` is what ``hearth.yaml`` names, None for the model that comes with Hearth.
    """

    def __init__(self, store: JsonStore, written: str | None) -> None:
        self.written = written
        self._store = store
        saved = self._load()
        self.chosen: str | None = saved.get("model")
        if self.chosen is not None and saved.get("written") != written:
            self.choose(None)  # only a hub writes its stores: the command line, which reads the choice, changes nothing

    @property
    def model(self) -> str | None:
        """The model that counts."""
        return self.written if self.chosen is None else self.chosen

    def choose(self, name: str | None) -> None:
        """Let a model of the library count from now on; None leaves it to ``hearth.yaml``."""
        self.chosen = name
        data = {"model": name, "written": self.written}
        self._store.save(_VERSION, lambda: data)

    async def write(self) -> None:
        """Write the choice now: the command line reads it, and whoever asked for it may look at once."""
        await self._store.write_changed()

    def _load(self) -> dict[str, Any]:
        try:
            return self._store.load(_VERSION, lambda data, _: data) or {}
        except StorageError as error:
            _log.warning("%s. The model is the one that hearth.yaml names", error)
            return {}


def in_use(folder: Path, written: str | None) -> Path:
    """Return the file of the model that a hub over a configuration folder runs, or would run.

    Raises NotFound, with the names that there are.
    """
    return configured(folder, Choice(JsonStore(folder / ".hearth" / f"{DOCUMENT}.json"), written).model)
