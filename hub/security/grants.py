"""What a user was granted, as it is written: in ``auth.db``, in the API and on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol
from voluptuous.humanize import humanize_error

from hub.core.callers import Capability
from hub.errors import InvalidInput

MOST = 100
_BOUNDS = {"domain": "domains", "area": "areas", "label": "labels", "entity": "entities"}
_NAMES = vol.All([vol.All(str, vol.Length(min=1, max=255))], vol.Length(max=1000))
_ACTION = vol.All(str, vol.Match(re.compile(r"^(\*|[a-z0-9_*?]+\.[a-z0-9_*?]+)$")))
_FIELDS: dict[Any, Any] = {
    vol.Optional("action", default="*"): vol.Any(None, _ACTION),
    **dict.fromkeys(_BOUNDS, _NAMES),
}
_GRANT = vol.Schema(_FIELDS)
_GRANTS = vol.Schema(vol.Any(None, vol.All([dict], vol.Length(max=MOST))))


def parse_grants(value: Any) -> tuple[Capability, ...] | None:
    """Return grants written as ``[{"action": "light.*" | null, "domain": [..], "area": [..], "label": [..], "entity": [..]}]``.

    Without an action (null) what matches may only be seen. Raises InvalidInput.
    """
    if _checked(_GRANTS, value) is None:
        return None
    return tuple(_capability(_checked(_GRANT, item)) for item in value)


def write_grants(grants: Iterable[Capability] | None) -> list[dict[str, Any]] | None:
    """Return grants as ``parse_grants`` takes them; what limits nothing is left out."""
    return None if grants is None else [_written(grant) for grant in grants]


def _capability(data: Mapping[str, Any]) -> Capability:
    bounds: dict[str, Any] = {ours: tuple(data.get(theirs, ())) for theirs, ours in _BOUNDS.items()}
    return Capability(action=data["action"] or "", **bounds)


def _written(grant: Capability) -> dict[str, Any]:
    return {**grant.as_dict(), "action": grant.action or None}


def _checked(schema: vol.Schema, value: Any) -> Any:
    try:
        return schema(value)
    except vol.Invalid as error:
        raise InvalidInput(f"Expected capabilities: {humanize_error(value, error)}", path=("capabilities",)) from None
