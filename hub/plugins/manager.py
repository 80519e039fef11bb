"""Finding and loading integrations. What is not configured is not imported; what is broken is a record, not a crash."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pluggy

from hub import API
from hub.adapters.interfaces import Integration
from hub.adapters.manifest import Manifest
from hub.errors import ManifestError, NotFound
from hub.plugins.environments import installed_in
from hub.plugins.hookspecs import PROJECT, Hooks
from hub.plugins.isolation import Isolation
from hub.plugins.records import Extension, Status

GROUP = "hearth.integrations"
_log = logging.getLogger(__name__)


class Plugins:
    """The installed integrations, by name. Without ``isolation`` all run in this process, whatever they wish."""

    def __init__(self, found: Iterable[EntryPoint] | None = None, isolation: Isolation | None = None) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._extensions: dict[str, Extension] = {}
        self.isolation = isolation
        for entry_point in entry_points(group=GROUP) if found is None else found:
            self._extensions[entry_point.name] = _read(entry_point)

    def all(self) -> list[Extension]:
        """Return every installed integration, by name."""
        return sorted(self._extensions.values(), key=lambda extension: extension.name)

    def get(self, name: str) -> Extension:
        """Return one.

        Raises NotFound.
        """
        try:
            return self._extensions[name]
        except KeyError:
            installed = ", ".join(sorted(self._extensions)) or "none"
            raise NotFound(f"Expected an installed integration, got {name!r}; installed: {installed}") from None

    def offers_trigger(self, platform: str) -> bool:
        """Say whether an installed integration has this trigger, running or not."""
        return any(platform in extension.manifest.triggers for extension in self.all() if extension.manifest)

    def load(self, name: str) -> Integration | None:
        """Import an integration if it is not loaded yet, and return it; None, with the reason in its record, if it fails.

        An isolated one is not imported: what stands for it is returned, or None until it was prepared or has run.
        Raises NotFound.
        """
        extension = self.get(name)
        if extension.isolated and self.isolation is not None:
            return extension.integration
        if extension.integration is None and extension.status is Status.NOT_CONFIGURED:
            self._load(extension)
        return extension.integration

    async def prepare(self, name: str) -> None:
        """See to it that ``load`` can answer for an isolated integration, by asking it what it offers.

        Raises NotFound.
        """
        extension = self.get(name)
        unknown = extension.integration is None and extension.status is Status.NOT_CONFIGURED
        if extension.isolated and unknown and self.isolation is not None:
            await self.isolation.describe(extension)

    def find(self, name: str, python: str) -> Extension:
        """Return an integration; one that is not installed here from the environment of another interpreter.

        Raises NotFound or ManifestError.
        """
        if name not in self._extensions:
            entry_point, manifest = installed_in(python, GROUP, name)
            self._extensions[name] = Extension(name=name, module=entry_point.module, manifest=manifest, isolated=True)
            _check_api(self._extensions[name], manifest)
        return self.get(name)

    def load_here(self, name: str) -> Integration | None:
        """Import an integration into this process for good, as an entry of it wishes; otherwise as ``load``."""
        extension = self.get(name)
        if extension.isolated:
            extension.isolated, extension.integration = False, None
            extension.status = Status.NOT_CONFIGURED if extension.status is Status.LOADED else extension.status
        return self.load(name)

    def _load(self, extension: Extension) -> None:
        try:
            self._manager.register(importlib.import_module(extension.module), name=extension.name)
            self._manager.check_pending()
            others = [plugin for name, plugin in self._manager.list_name_plugin() if name != extension.name]
            register = self._manager.subset_hook_caller("register_integrations", others)
            offered = [integration for integrations in register() for integration in integrations]
            extension.integration = next((item for item in offered if item.manifest == extension.manifest), None)
        except Exception as error:  # noqa: BLE001 - boundary: a plugin that cannot be loaded is a record
            _fail(extension, f"{type(error).__name__}: {error}")
            if self._manager.has_plugin(extension.name):
                self._manager.unregister(name=extension.name)
            return
        if extension.integration is None:
            _fail(
                extension,
                f"Expected register_integrations of {extension.module} to return the integration of its manifest",
            )
        else:
            extension.status, extension.reason = Status.LOADED, None


def _fail(extension: Extension, reason: str) -> None:
    extension.status, extension.reason = Status.BROKEN, reason
    _log.error("The integration %s could not be loaded: %s", extension.name, reason)


def _read(entry_point: EntryPoint) -> Extension:
    extension = Extension(name=entry_point.name, module=entry_point.module)
    try:
        extension.manifest = manifest_of(entry_point.module)
    except ManifestError as error:
        _fail(extension, str(error))
        return extension
    extension.isolated = extension.manifest.isolated
    _check_api(extension, extension.manifest)
    return extension


def _check_api(extension: Extension, manifest: Manifest) -> None:
    low, high = manifest.api
    if not low <= API <= high:
        extension.status = Status.INCOMPATIBLE
        extension.reason = f"Expected an integration for API {API} of the hub, got one for {low} to {high}: update it"


def manifest_of(module: str) -> Manifest:
    """Return the manifest of a package without importing it.

    Raises ManifestError if there is none or it is wrong.
    """
    spec = importlib.util.find_spec(module.partition(".")[0])
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        file = Path(place, "manifest.json")
        if file.is_file():
            return Manifest.parse(file.read_bytes(), str(file))
    raise ManifestError(f"Expected manifest.json in the package {module}, found none")
