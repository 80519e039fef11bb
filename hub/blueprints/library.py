"""The automations on disk: found, checked and made; written and removed. Which of them runs is not decided here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.blueprints.automation import Automation, make_automation
from hub.blueprints.gallery import Blueprints
from hub.blueprints.kinds import KINDS
from hub.blueprints.parsing import Parsing
from hub.blueprints.sources import FOLDER, Source, checked_id, read_sources, write_source
from hub.config.marks import unmarked
from hub.errors import ConfigError, HubError, InvalidInput, NotFound
from hub.templates import Templates

_log = logging.getLogger(__name__)


class Library:
    """What was found: each source with the automation it makes or the error that it has."""

    def __init__(
        self, config_dir: Path, blueprints: Blueprints, templates: Templates, offers: Callable[[str], bool]
    ) -> None:
        self.blueprints = blueprints
        self._config_dir = config_dir
        self.parsing = Parsing(KINDS, templates, offers)
        self._found: list[tuple[Source, Automation | ConfigError]] = []
        self._changing = asyncio.Lock()

    def __iter__(self) -> Iterator[tuple[Source, Automation | ConfigError]]:
        return iter(self._found)

    @property
    def automations(self) -> dict[str, Automation]:
        """The automations that could be made, by id."""
        return {made.id: made for _, made in self._found if isinstance(made, Automation)}

    def read(self) -> None:
        """Read all files. What is wrong with one automation is kept with it; the others are made."""
        self._take(read_sources(self._config_dir))

    async def read_again(self) -> None:
        """Read all files, off the event loop."""
        async with self._changing:
            self._take(await asyncio.to_thread(read_sources, self._config_dir))

    def check(self, config: Mapping[str, Any], id_: str) -> Automation:
        """Return the automation that ``config`` makes.

        Raises InvalidInput, or ConfigError for what is wrong in it or in its blueprint.
        """
        return make_automation(config, checked_id(id_), self.parsing, self.blueprints)

    async def write(self, id_: str, config: Mapping[str, Any]) -> None:
        """Check an automation, write it to its own file and read all again.

        Raises InvalidInput or ConfigError; then nothing has changed.
        """
        self.check(config, id_)
        self._check_own_file(id_)
        async with self._changing:
            await asyncio.to_thread(write_source, self._config_dir, id_, config)
        await self.read_again()

    async def delete(self, id_: str) -> None:
        """Remove an automation's file and read all again.

        Raises NotFound, or InvalidInput if it has no file of its own.
        """
        file = self._config_dir / self.source(id_).file
        self._check_own_file(id_)
        async with self._changing:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        await self.read_again()

    def source(self, id_: str) -> Source:
        """Return where an automation is written.

        Raises NotFound.
        """
        found = next((source for source, _ in self._found if source.id == id_), None)
        if found is None:
            raise NotFound(f"Expected the id of an automation, got {id_!r}")
        return found

    def config(self, id_: str) -> dict[str, Any]:
        """Return an automation as it is written.

        Raises NotFound, or the error if its file cannot be read.
        """
        source = self.source(id_)
        if source.config is None:
            raise source.error or NotFound(f"Expected an automation that can be read, got {id_!r}")
        config: dict[str, Any] = unmarked(source.config)
        return config

    def _take(self, sources: list[Source]) -> None:
        self._found = [(source, self._made(source)) for source in sources]

    def _made(self, source: Source) -> Automation | ConfigError:
        try:
            if source.error is not None or source.config is None:
                raise source.error or ConfigError("Expected an automation, got nothing", file=source.file)
            return make_automation(source.config, source.id, self.parsing, self.blueprints)
        except HubError as error:
            problem = (
                error if isinstance(error, ConfigError) and error.file else ConfigError(str(error), file=source.file)
            )
            _log.warning("The automation %s is left out: %s", source.id, problem)
            return problem

    def _check_own_file(self, id_: str) -> None:
        source = next((source for source, _ in self._found if source.id == id_), None)
        if source is not None and source.file != f"{FOLDER}/{id_}.yaml":
            raise InvalidInput(f"Expected an automation with a file of its own, got {id_!r}: edit {source.file}")
