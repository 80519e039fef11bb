"""Where automations are written: ``automations/<id>.yaml``, one each, and the list in ``automations.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.config.marks import where
from hub.config.store import write_atomically
from hub.config.yaml import dump, load_file
from hub.core.ids import slugify
from hub.errors import ConfigError, InvalidInput

FOLDER, LIST = "automations", "automations.yaml"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An automation as found: its configuration, or why there is none. ``file`` is relative to the configuration folder."""

    id: str
    file: str
    line: int | None = None
    config: Mapping[str, Any] | None = None
    error: ConfigError | None = None


def read_sources(config_dir: Path) -> list[Source]:
    """Return every automation found, in the order of files; one that cannot be read says why."""
    found: dict[str, Source] = {}
    problems: list[Source] = []
    for source in _all(config_dir):
        first = found.setdefault(source.id, source)
        if first is not source:
            message = f"Expected an id of its own, got {source.id!r}, which {first.file}:{first.line} has: change one"
            error = ConfigError(message, file=source.file, line=source.line)
            problems.append(Source(id=source.id, file=source.file, line=source.line, config=source.config, error=error))
    return [*found.values(), *problems]


def write_source(config_dir: Path, id_: str, config: Mapping[str, Any]) -> None:
    """Write an automation to its own file, all of it or nothing.

    Raises InvalidInput if ``id_`` cannot be a file's name.
    """
    text = dump({"id": id_, **{key: value for key, value in config.items() if key != "id"}})
    write_atomically(config_dir / FOLDER / f"{checked_id(id_)}.yaml", text.encode())


def checked_id(id_: str) -> str:
    """Return ``id_`` if it can be the name of an automation's file.

    Raises InvalidInput.
    """
    if not _ID.match(id_):
        raise InvalidInput(f"Expected an id of 1 to 64 letters, digits, '-' and '_', got {id_!r}")
    return id_


def _all(config_dir: Path) -> Iterator[Source]:
    files = sorted((config_dir / FOLDER).glob("*.yaml"))
    for path in [*files, config_dir / LIST]:
        if path.is_file():
            yield from _of_file(path, config_dir)


def _of_file(path: Path, config_dir: Path) -> Iterator[Source]:
    name = path.relative_to(config_dir).as_posix()
    try:
        document = load_file(path, root=config_dir)
    except ConfigError as error:
        yield Source(id=path.stem, file=name, line=error.line, error=error)
        return
    single = path.parent != config_dir and not isinstance(document, list)
    items = [document] if single else document if isinstance(document, list) else [] if document is None else [document]
    for index, item in enumerate(items):
        line = where(document, None if single else index)[1] or 1
        yield _source(item, name, line, path.stem if single else None, index)


def _source(item: Any, file: str, line: int, stem: str | None, index: int) -> Source:
    if not isinstance(item, Mapping):
        got = type(item).__name__ if item is not None else "nothing"
        error = ConfigError(
            f"Expected an automation: a mapping with triggers and actions, got {got}", file=file, line=line
        )
        return Source(id=stem or f"{Path(file).stem}_{index}", file=file, line=line, error=error)
    id_ = item.get("id") or stem or slugify(str(item.get("alias") or f"automation {index}"))
    return Source(id=str(id_), file=file, line=line, config=item)
