"""``input_boolean``: something is so, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.virtual.definition import NAMED, Definition, boolean
from hub.virtual.helper import Helper

DEFINITION = Definition(domain="input_boolean", fields={**NAMED, vol.Optional("initial"): boolean})


class InputBoolean(Helper):
    """On or off; ``initial`` is what it is after every start, without it what it was before."""

    domain: ClassVar[str] = "input_boolean"
    on = False

    def begin(self, kept: Any) -> None:
        self.on = self.item.get("initial", kept is True)

    def state(self) -> str:
        return "on" if self.on else "off"

    def kept(self) -> bool:
        return self.on

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        self.on = not self.on if action == "toggle" else action == "turn_on"
        self.changed()
