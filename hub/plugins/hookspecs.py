"""Every hook. A hook only registers: it is synchronous, takes nothing, is called once at start, and returns descriptions.

A package implements hooks in a module or object named by an entry point of the group ``hearth.integrations``; each is
marked with ``hub.hook``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from hub.adapters.interfaces import Integration
from hub.core.actions import ActionDescription
from hub.entities.domain import Domain

PROJECT = "hearth"
hookspec = pluggy.HookspecMarker(PROJECT)


class Hooks:
    """The hook specifications."""

    @hookspec
    def register_integrations(self) -> Sequence[Integration]:
        """Return the integrations that this package offers."""
        return ()

    @hookspec
    def register_entity_domains(self) -> Sequence[Domain]:
        """Return further entity domains, as data."""
        return ()

    @hookspec
    def register_actions(self) -> Sequence[ActionDescription]:
        """Return further actions of the package's integrations."""
        return ()
