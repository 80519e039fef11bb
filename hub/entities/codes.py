"""The codes of locks and alarm panels: whether one is wanted, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.errors import InvalidInput

_PATTERNS = {"number": r"\d+", "text": r".+"}


def check_code(action_name: str, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Check the code in an action's data against what a lock or an alarm panel says of its codes.

    Raises InvalidInput, which never names the code. Whether a code opens is for the device to say.
    """
    expected, code = attributes.get("code_format"), data.get("code")
    if not expected:
        return
    if not code:
        if attributes.get("code_arm_required") and action_name.startswith("alarm_control_panel.alarm_arm_"):
            raise InvalidInput("Expected a code: this panel wants one to be armed", path=("code",))
    elif not matches(_PATTERNS.get(expected, expected), code):
        raise InvalidInput(f"Expected a code of the form {expected}", path=("code",))


def matches(pattern: str, text: str) -> bool:
    """Say whether a text has the form that a device asks for; a pattern that is none asks for nothing."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True
