"""Finding blueprints: those in the configuration folder, and those that come with Hearth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from hub.blueprints.blueprint import Blueprint, parse_blueprint
from hub.config.yaml import load_file
from hub.errors import ConfigError, HubError, NotFound

SCENARIO_SUFFIX = ".scenario.yaml"
_SHIPPED_DOMAIN = "automation"


def shipped_folder() -> Path:
    """Return the folder of the blueprints that come with Hearth: in the wheel, or at the top of a source checkout."""
    packed = Path(__file__).parent / "gallery"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "blueprints"


class Blueprints:
    """Every blueprint, by domain and path; the user's own come before shipped ones of the same path."""

    def __init__(self, config_dir: Path, shipped: Path | None = None) -> None:
        self._config_dir = config_dir
        self._shipped = shipped or shipped_folder()
        self._read: dict[Path, tuple[int, Blueprint]] = {}

    def get(self, path: str, domain: str = "automation") -> Blueprint:
        """Return a blueprint by its path below ``blueprints/<domain>``; read again if its file has changed.

        Raises NotFound, or ConfigError if it is not what was expected.
        """
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise ConfigError(f"Expected a path below blueprints/{domain}, got {path!r}")
        for folder, root in self._folders(domain):
            file = folder / pure
            if file.is_file():
                return self._load(file, root, path, domain)
        raise NotFound(f"Expected the path of a blueprint below blueprints/{domain}, got {path!r}: there is none")

    def paths(self, domain: str = "automation") -> tuple[str, ...]:
        """Return the paths of all blueprints of a domain, sorted."""
        return tuple(sorted({path for folder, _ in self._folders(domain) for path in _files(folder)}))

    def list(self, domain: str = "automation") -> dict[str, dict[str, Any]]:
        """Return ``{path: {"metadata": ...} | {"error": ...}}``, as Home Assistant's ``blueprint/list``."""
        found: dict[str, dict[str, Any]] = {}
        for path in self.paths(domain):
            try:
                found[path] = {"metadata": dict(self.get(path, domain).metadata)}
            except HubError as error:
                found[path] = {"error": str(error)}
        return found

    def _folders(self, domain: str) -> Iterator[tuple[Path, Path]]:
        """Yield where blueprints are, with the folder that messages name files from."""
        yield self._config_dir / "blueprints" / domain, self._config_dir
        if domain == _SHIPPED_DOMAIN:
            yield self._shipped, self._shipped.parent

    def _load(self, file: Path, root: Path, path: str, domain: str) -> Blueprint:
        changed = file.stat().st_mtime_ns
        known = self._read.get(file)
        if known is not None and known[0] == changed:
            return known[1]
        blueprint = parse_blueprint(load_file(file, root=root), path)
        if blueprint.domain != domain:
            name = file.relative_to(root).as_posix()
            raise ConfigError(
                f"Expected a blueprint for the domain {domain}, got one for {blueprint.domain}", file=name
            )
        self._read[file] = (changed, blueprint)
        return blueprint


def _files(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.yaml"):
        if not file.name.endswith(SCENARIO_SUFFIX):
            yield file.relative_to(folder).as_posix()
