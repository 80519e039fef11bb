"""Integrations that are installed only in an environment of their own, for an isolated entry to run them there."""

from __future__ import annotations

from importlib.metadata import EntryPoint, distributions
from pathlib import Path

from hub.adapters.manifest import Manifest
from hub.errors import ManifestError, NotFound


def installed_in(python: str, group: str, name: str) -> tuple[EntryPoint, Manifest]:
    """Return an integration of the environment of this interpreter; its files are read, nothing of it is run.

    Raises NotFound if it is not installed there, ManifestError if its manifest is missing or wrong.
    """
    root = Path(python).parent.parent  # as it was written: in a virtual environment the interpreter itself is a link
    places = [str(place) for place in root.glob("lib/python3*/site-packages")]
    for distribution in distributions(path=places):
        for entry_point in distribution.entry_points.select(group=group, name=name):
            file = Path(str(distribution.locate_file(entry_point.module.partition(".")[0])), "manifest.json")
            return entry_point, _manifest(file)
    raise NotFound(f"Expected the integration {name} in the environment of {python}: install it there, not as editable")


def _manifest(file: Path) -> Manifest:
    if not file.is_file():
        raise ManifestError(f"Expected {file}, found none: install the integration there, not as editable")
    return Manifest.parse(file.read_bytes(), str(file))
