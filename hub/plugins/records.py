"""What the hub knows of each installed integration, working or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.adapters.interfaces import Integration
from hub.adapters.manifest import Manifest


class Status(StrEnum):
    """How an integration is."""

    LOADED = "loaded"
    NOT_CONFIGURED = "not_configured"
    INCOMPATIBLE = "incompatible"
    BROKEN = "broken"


@dataclass(slots=True, kw_only=True)
class Extension:
    """One installed package. ``reason`` says in words why it is not loaded; ``module`` is where its hooks are.

    Of one that is ``isolated`` nothing is imported: ``integration`` stands for what its process said that it offers.
    """

    name: str
    module: str
    status: Status = Status.NOT_CONFIGURED
    reason: str | None = None
    manifest: Manifest | None = None
    isolated: bool = False
    integration: Integration | None = None
