"""``input_button``: the state is when it was last pressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hub.core.events import isoformat
from hub.virtual.definition import NAMED, Definition
from hub.virtual.helper import Helper

DEFINITION = Definition(domain="input_button", fields=NAMED)


class InputButton(Helper):
    """Something to press."""

    domain: ClassVar[str] = "input_button"
    pressed: str | None = None

    def begin(self, kept: Any) -> None:
        self.pressed = kept

    def state(self) -> str | None:
        return self.pressed

    def kept(self) -> str | None:
        return self.pressed

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        self.pressed = isoformat(self.clock.time())
        self.changed()
