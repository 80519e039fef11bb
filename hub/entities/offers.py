"""Every action that the entity domains offer, the generic ones included."""

from __future__ import annotations

from hub.core.actions import ActionTable
from hub.entities.catalogue import DOMAINS
from hub.entities.generic import GENERIC_ACTIONS


def action_table() -> ActionTable:
    """Return a new table of the actions of every domain; integrations add their own to it."""
    return ActionTable([*GENERIC_ACTIONS, *(action for domain in DOMAINS.values() for action in domain.actions)])
