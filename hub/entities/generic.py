"""``homeassistant.turn_on``, ``turn_off`` and ``toggle``: the same request to entities of any domain."""

from __future__ import annotations

from typing import Final

from hub.core.actions import ActionDescription
from hub.entities.catalogue import DOMAINS

GENERIC_DOMAIN: Final = "homeassistant"

_SAID_OF = {
    "turn_on": "Turns on entities of any domain that can be turned on.",
    "turn_off": "Turns off entities of any domain that can be turned off.",
    "toggle": "Toggles entities of any domain that can be toggled.",
}

GENERIC_ACTIONS: tuple[ActionDescription, ...] = tuple(
    ActionDescription(domain=GENERIC_DOMAIN, name=name, entity=False, description=description)
    for name, description in _SAID_OF.items()
)
_GENERIC = frozenset(action.full_name for action in GENERIC_ACTIONS)


def is_generic(action_name: str) -> bool:
    """Say whether an action is one that every entity's own domain carries out."""
    return action_name in _GENERIC


def translate(action_name: str, domain: str) -> str | None:
    """Return the action of ``domain`` that a generic one means (``homeassistant.turn_on`` for ``light``: ``light.turn_on``).

    None if ``action_name`` is not generic, or the domain does not offer it (``sensor``; ``cover`` but for ``toggle``).
    """
    if not is_generic(action_name) or domain not in DOMAINS:
        return None
    name = action_name.partition(".")[2]
    return f"{domain}.{name}" if any(action.name == name for action in DOMAINS[domain].actions) else None
