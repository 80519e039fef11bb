"""Units that are written in more than one way."""

from __future__ import annotations

from collections.abc import Mapping

_MICRO_SIGN, _GREEK_MU = "\u00b5", "\u03bc"
_USUAL: Mapping[str, str] = {
    "VAr": "var",
    "VArh": "varh",
    "kVAr": "kvar",
    "kVArh": "kvarh",
    "mVAr": "mvar",
}


def usual_unit(unit: str | None) -> str | None:
    """Return a unit as Home Assistant writes it; blank is none."""
    if unit is None or not unit.strip():
        return None
    return _USUAL.get(unit, unit.replace(_MICRO_SIGN, _GREEK_MU))
