"""Locks. What lets somebody in is marked sensitive."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT


class LockFeature(IntFlag):
    """What a lock can do besides locking."""

    OPEN = 1


_CODE = Field(name="code", selector=TEXT, example=1234, description="The code, if the lock wants one.")

LOCK = Domain(
    name="lock",
    states=frozenset({"locked", "unlocked", "locking", "unlocking", "jammed", "open", "opening"}),
    features=LockFeature,
    attributes=(
        Attribute(name="changed_by", description="who or what used it last"),
        Attribute(name="code_format", description="a pattern of its codes"),
    ),
    actions=(
        ActionDescription(domain="lock", name="lock", fields=(_CODE,), description="Locks a lock."),
        ActionDescription(
            domain="lock",
            name="unlock",
            fields=(_CODE,),
            sensitive=True,
            description="Unlocks a lock.",
        ),
        ActionDescription(
            domain="lock",
            name="open",
            fields=(_CODE,),
            features=LockFeature.OPEN,
            sensitive=True,
            description="Opens the door of a lock.",
        ),
    ),
)
