"""What nodes hold and what entities show, each from the other. Pure: nothing here talks to a server."""

from __future__ import annotations

import datetime as dt
import math
import struct
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hearth_opcua.items import Item, Type
from hub import DeviceRefused, InvalidInput

Value = bool | int | float | str | dt.datetime
_DIGITS = {Type.FLOAT: 7, Type.DOUBLE: 16}
"""Significant decimal digits: more would show where the binary number ends, not what was measured."""
_MOST_DIGITS = 30


def state_of(item: Item, value: Value | None) -> str | None:
    """Return the entity's state for what the node holds; None is unknown."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    if isinstance(value, str):
        return "".join(filter(str.isprintable, value))
    if item.domain in ("binary_sensor", "switch"):
        return "on" if value else "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    if not math.isfinite(value):
        return None
    if item.options:
        return item.options.get(int(value))
    return _written(number_of(item, value))


def number_of(item: Item, value: float) -> Decimal:
    """Return the number that is shown for what the node holds."""
    held = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS.get(item.type, 16)}g}")
    number = held * Decimal(str(item.scale)) + Decimal(str(item.offset))
    if item.precision is not None:
        return round(number, item.precision)
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def wanted(item: Item, action: str, data: Mapping[str, Any], now: str | None) -> Value:
    """Return what the node must hold after an action (``number.set_value``), ``now`` being the entity's state.

    Raises InvalidInput or DeviceRefused.
    """
    name = action.partition(".")[2]
    match item.domain:
        case "switch":
            on = name == "turn_on" or (name == "toggle" and now != "on")
            return on if item.type is Type.BOOLEAN else int(on)
        case "number":
            return _raw_number(item, data["value"])
        case "select":
            chosen = _chosen(list(item.options.values()), name, data, now)
            return next(raw for raw, option in item.options.items() if option == chosen)
        case "text":
            return str(data["value"])
        case "button":
            return True
        case _:
            raise DeviceRefused(f"{item.name} cannot be written")


def same(item: Item, one: Value | None, other: Value | None) -> bool:
    """Say whether two values are one to the server: a Float has fewer digits than Python's."""
    if item.type is Type.FLOAT and isinstance(one, float) and isinstance(other, float):
        return struct.pack("f", one) == struct.pack("f", other)
    return one == other


def _written(number: Decimal) -> str:
    """Return a number in digits; one that would fill lines, as a value that means something else does, with an exponent."""
    return f"{number:f}" if abs(number.adjusted()) < _MOST_DIGITS else f"{number:E}"


def _raw_number(item: Item, value: Any) -> Value:
    number = Decimal(str(value))
    if (item.min is not None and number < Decimal(str(item.min))) or (
        item.max is not None and number > Decimal(str(item.max))
    ):
        raise InvalidInput(f"Expected {item.name} from {item.min:g} to {item.max:g}, got {value}", path=("value",))
    raw = (number - Decimal(str(item.offset))) / Decimal(str(item.scale))
    if item.type.range is None:
        return _fitting_float(item, float(raw))
    low, high = item.type.range
    whole = int(raw.to_integral_value(ROUND_HALF_EVEN))
    if not low <= whole <= high:
        raise InvalidInput(f"Expected a value of {item.name} that fits {item.type}, got {value}", path=("value",))
    return whole


def _fitting_float(item: Item, value: float) -> float:
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0] if item.type is Type.FLOAT else value
    except OverflowError:
        raise InvalidInput(f"Expected a value of {item.name} that fits {item.type}", path=("value",)) from None


def _chosen(options: list[str], name: str, data: Mapping[str, Any], now: str | None) -> str:
    if name == "select_option":
        if data["option"] not in options:
            raise InvalidInput(f"Expected one of {', '.join(options)}, got {data['option']!r}", path=("option",))
        return str(data["option"])
    if name in ("select_first", "select_last") or now not in options:
        return options[-1 if name in ("select_last", "select_previous") else 0]
    place = options.index(now) + (1 if name == "select_next" else -1)
    if not data.get("cycle", True):
        place = min(max(place, 0), len(options) - 1)
    return options[place % len(options)]
