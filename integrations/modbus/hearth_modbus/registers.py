"""A register map: what each register of a device means, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import voluptuous as vol

ADDRESSES = 65_536
LONGEST_TEXT = 125
"""Registers: more do not fit into one answer."""


class Kind(StrEnum):
    """The four tables of a Modbus device."""

    COIL = "coil"
    DISCRETE = "discrete"
    HOLDING = "holding"
    INPUT = "input"

    @property
    def is_bits(self) -> bool:
        """Whether an address is one bit, and not a register of 16."""
        return self in (Kind.COIL, Kind.DISCRETE)

    @property
    def can_be_written(self) -> bool:
        """Whether the protocol can write there."""
        return self in (Kind.COIL, Kind.HOLDING)


class Type(StrEnum):
    """What registers hold; BOOL is a coil, a discrete input, or one bit of a register."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def is_integer(self) -> bool:
        """Whether it holds whole numbers."""
        return "int" in self.value

    @property
    def is_float(self) -> bool:
        """Whether it holds floating-point numbers."""
        return self.value.startswith("float")

    @property
    def words(self) -> int:
        """How many registers it takes; texts say so themselves."""
        return int(self.value[-2:]) // 16 if self.is_integer or self.is_float else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One value of a device, and how it is shown.

    ``length`` counts addresses. A number is ``raw * scale + offset``, shown with ``precision`` decimals (None: as many as it
    has). ``options`` names whole numbers; ``on`` and ``off`` are the raw values of a switch that is no bit; ``unknown`` are
    raw values by which the device says that it does not know. ``press`` makes a button that writes this. ``poll`` None: as
    often as its device says.
    """

    name: str
    kind: Kind
    address: int
    type: Type
    length: int = 1
    bit: int | None = None
    little_words: bool = False
    little_bytes: bool = False
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    precision: int | None = None
    writable: bool = False
    min: float | None = None
    max: float | None = None
    step: float | None = None
    options: Mapping[int, str] = field(default_factory=dict)
    on: int | None = None
    off: int | None = None
    inverted: bool = False
    press: int | None = None
    unknown: tuple[int, ...] = ()
    poll: float | None = None
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    icon: str | None = None
    category: str | None = None

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.length

    @property
    def key(self) -> str:
        """What tells it from the others of its device."""
        return f"{self.kind}/{self.address}" if self.bit is None else f"{self.kind}/{self.address}.{self.bit}"

    @property
    def domain(self) -> str:
        """The domain of its entity."""
        if self.press is not None:
            return "button"
        if self.type is Type.BOOL or self.on is not None:
            return "switch" if self.writable else "binary_sensor"
        if self.options:
            return "select" if self.writable else "sensor"
        if self.type is Type.STRING:
            return "text" if self.writable else "sensor"
        return "number" if self.writable else "sensor"

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Register:
        """Return a register from what its schema let through."""
        orders = {"little_words": data["word_order"] == "little", "little_bytes": data["byte_order"] == "little"}
        named = {"on": data.get("on_value"), "off": data.get("off_value")}
        left = {key: value for key, value in data.items() if key not in _RENAMED}
        length = data.get("length", data["type"].words)
        return Register(**{**left, **orders, **named, "length": length, "unknown": tuple(data["unknown"])})


_RENAMED = frozenset({"word_order", "byte_order", "on_value", "off_value"})


def _whole(low: int, high: int) -> vol.All:
    return vol.All(int, vol.Range(low, high))


def _decimal(value: Any) -> Decimal:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf"):
        return Decimal(str(value))
    if isinstance(value, Decimal):
        return value
    raise vol.Invalid(f"expected a number, got {value!r}")


def _number(value: Any) -> float:
    return float(_decimal(value))


def _number_key(value: Any) -> int:
    """Return a whole number; JSON, in which entries are kept, makes a text of one that is a key."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise vol.Invalid(f"expected a whole number, got {value!r}")
    return int(value)


def _word(value: Any) -> str:
    """Return a word; YAML reads ``off`` and ``on`` as no words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (str, int, float)) and str(value).strip():
        return str(value).strip()
    raise vol.Invalid(f"expected a word, got {value!r}")


def _agree(data: dict[str, Any]) -> dict[str, Any]:
    kind = data["kind"]
    data["type"] = Type.BOOL if kind.is_bits or "bit" in data else data.get("type", Type.UINT16)
    for wrong, why in _disagreements(data, kind, data["type"]):
        if wrong:
            raise vol.Invalid(f"expected {why}, in the register {data['name']}")
    if data["address"] + data.get("length", data["type"].words) > ADDRESSES:
        raise vol.Invalid(f"expected addresses below {ADDRESSES}, in the register {data['name']}")
    return data


def _disagreements(data: Mapping[str, Any], kind: Kind, of: Type) -> list[tuple[bool, str]]:
    """Return what may be wrong between options: whether it is, and what was expected."""
    commands = data["writable"] or "press" in data
    plain = data["writable"] and not data["options"] and "on_value" not in data
    limits = "min" in data and "max" in data and data["min"] < data["max"]
    return [
        (commands and not kind.can_be_written, "a coil or a holding register where something is to be written"),
        (kind.is_bits and "bit" in data, "a bit of a holding or input register only"),
        (of is Type.BOOL and not kind.is_bits and "bit" not in data, "the number of the bit of a bool in a register"),
        (of is Type.STRING and "length" not in data, "the length of a text, in registers"),
        (of is not Type.STRING and "length" in data, "a length for texts only"),
        (bool(data["options"]) and not of.is_integer, "options of whole numbers only"),
        ("on_value" in data and not of.is_integer, "on_value with whole numbers only"),
        ("off_value" in data and "on_value" not in data, "an on_value with the off_value"),
        (data["writable"] and "on_value" in data and "off_value" not in data, "an off_value of what is written"),
        (plain and (of.is_integer or of.is_float) and not limits, "a min below a max of a number that is written"),
        (data["scale"] == 0, "a scale that is not 0"),
        (len(set(data["options"].values())) < len(data["options"]), "options with different names"),
    ]


REGISTER = vol.Schema(
    vol.All(
        {
            vol.Required("name"): vol.All(str, str.strip, vol.Length(min=1, max=100)),
            vol.Optional("kind", default=Kind.HOLDING): vol.Coerce(Kind),
            vol.Required("address"): _whole(0, ADDRESSES - 1),
            "type": vol.Coerce(Type),
            "length": _whole(1, LONGEST_TEXT),
            "bit": _whole(0, 15),
            vol.Optional("word_order", default="big"): vol.In(("big", "little")),
            vol.Optional("byte_order", default="big"): vol.In(("big", "little")),
            vol.Optional("scale", default=1): _decimal,
            vol.Optional("offset", default=0): _decimal,
            "precision": _whole(0, 10),
            vol.Optional("writable", default=False): bool,
            "min": _number,
            "max": _number,
            "step": vol.All(_number, vol.Range(min=0, min_included=False)),
            vol.Optional("options", default=dict): {_number_key: _word},
            "on_value": int,
            "off_value": int,
            vol.Optional("inverted", default=False): bool,
            "press": int,
            vol.Optional("unknown", default=list): [int],
            "poll": vol.All(_number, vol.Range(0.1, 86_400)),
            "unit": str,
            "device_class": str,
            "state_class": vol.In(("measurement", "total", "total_increasing")),
            "icon": str,
            "category": vol.In(("config", "diagnostic")),
        },
        _agree,
    )
)
