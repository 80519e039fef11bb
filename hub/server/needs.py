"""What it takes to use a route or a command: declared next to each, checked here."""

from __future__ import annotations

from enum import StrEnum

from hub.security import Sight

ADMINS = ("owner", "admin")


class Needs(StrEnum):
    """What somebody needs. What is read with less than ``HOUSE`` holds only what they may see; see ``Sight``."""

    NOTHING = "nothing"
    """Anybody who reaches the hub."""
    LINK = "link"
    """A link with a token in it, or a login."""
    LOGIN = "login"
    """To be logged in."""
    HOUSE = "house"
    """To see the whole house: owner, admins, users who are not limited, programs that were granted all of it."""
    MODEL = "model"
    """To be granted the model, as ``model.use``: owner, admins and users who are not limited are."""
    ADMIN = "admin"
    """To be owner or admin; so does whatever says nothing."""


def permits(needs: Needs | None, role: str, sight: Sight) -> bool:
    """Say whether somebody with this role, who sees this, may use what ``needs`` that."""
    if needs is Needs.HOUSE:
        return sight.house
    if needs is Needs.MODEL:
        return sight.model
    return needs in (Needs.NOTHING, Needs.LINK, Needs.LOGIN) or role in ADMINS
