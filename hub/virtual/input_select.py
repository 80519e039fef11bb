"""``input_select``: one of several words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.fields import selector_validator
from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, text
from hub.virtual.helper import Helper

_texts = selector_validator({"text": {"multiple": True}})


def options(value: Any) -> list[str]:
    """Return one or several texts, each once."""
    found: list[str] = _texts(value)
    if not found or len(set(found)) != len(found):
        raise vol.Invalid(f"expected options that all differ, got {value!r}")
    return found


def _check(data: dict[str, Any]) -> dict[str, Any]:
    initial = data.get("initial")
    if initial is not None and initial not in data["options"]:
        raise InvalidInput(f"Expected an initial option of {', '.join(data['options'])}, got {initial!r}")
    return data


DEFINITION = Definition(
    domain="input_select",
    fields={**NAMED, vol.Required("options"): options, vol.Optional("initial"): text},
    check=_check,
)


class InputSelect(Helper):
    """A choice; options given by ``set_options`` last until the hub restarts, as in Home Assistant."""

    domain: ClassVar[str] = "input_select"

    def begin(self, kept: Any) -> None:
        self.options: list[str] = list(self.item["options"])
        self.option: str = self.item.get("initial", kept if kept in self.options else self.options[0])

    def state(self) -> str:
        return self.option

    def fixed(self) -> Mapping[str, Any]:
        return {"options": self.item["options"]}

    def attributes(self) -> Mapping[str, Any]:
        return {"options": self.options}

    def kept(self) -> str:
        return self.option

    def configure(self, item: Mapping[str, Any]) -> None:
        super().configure(item)
        self._offer(list(item["options"]))

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        place = self.options.index(self.option)
        match action:
            case "select_option":
                self.option = self._checked(data["option"])
            case "select_first":
                self.option = self.options[0]
            case "select_last":
                self.option = self.options[-1]
            case "select_next":
                self.option = self._at(place + 1, cycle=data.get("cycle", True))
            case "select_previous":
                self.option = self._at(place - 1, cycle=data.get("cycle", True))
            case "set_options":
                self._set_options(data["options"])
        self.changed()

    def _checked(self, option: str) -> str:
        if option not in self.options:
            raise InvalidInput(f"Expected one of {', '.join(self.options)} for {self.entity_id}, got {option!r}")
        return option

    def _at(self, place: int, *, cycle: bool) -> str:
        last = len(self.options) - 1
        return self.options[place % len(self.options) if cycle else max(0, min(last, place))]

    def _set_options(self, value: Any) -> None:
        try:
            self._offer(options(value))
        except vol.Invalid as error:
            raise InvalidInput(f"E{str(error)[1:]}, for {self.entity_id}") from None

    def _offer(self, offered: list[str]) -> None:
        self.options = offered
        if self.option not in offered:
            self.option = offered[0]
