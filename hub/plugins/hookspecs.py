"""Every hook. A hook only registers: it is synchronous, takes nothing, is called once at start, and returns descriptions.

A package implements hooks in a module or object named by an entry point of the group ``hearth.integrations``; each is
marked with ``hub.hook``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from hub.adapters.interfaces import Integration

PROJECT = "hearth"
hookspec = pluggy.HookspecMarker(PROJECT)


class Hooks:
    """The hook specifications. Others come with the parts that call them; until then a misspelt or unknown hook is an error."""

    @hookspec
    def register_integrations(self) -> Sequence[Integration]:
        """Return the integrations that this package offers, the one of its manifest among them."""
        return ()
