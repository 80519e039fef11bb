"""What registers hold and what entities show, each from the other. Pure: nothing here reads or writes."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hearth_modbus.registers import Register, Type
from hub import DeviceRefused, InvalidInput

Value = bool | int | float | str
"""What a register holds: a bit, a number as it stands there, a text."""

_FORMS: Mapping[Type, str] = {
    Type.INT16: "h", Type.UINT16: "H", Type.INT32: "i", Type.UINT32: "I", Type.INT64: "q", Type.UINT64: "Q",
    Type.FLOAT16: "e", Type.FLOAT32: "f", Type.FLOAT64: "d",
}  # fmt: skip
_DIGITS: Mapping[Type, int] = {Type.FLOAT16: 4, Type.FLOAT32: 7, Type.FLOAT64: 16}
"""Significant decimal digits: more would show where the binary number ends, not what was measured."""
_MOST_DIGITS = 30


def decode(register: Register, words: Sequence[int]) -> Value:
    """Return what ``words`` (registers, or bits of coils and discrete inputs) hold."""
    if register.kind.is_bits:
        return bool(words[0])
    content = _bytes(register, words)
    if register.bit is not None:
        return bool(int.from_bytes(content, "big") >> register.bit & 1)
    if register.type is Type.STRING:
        return content.rstrip(b"\0 ").decode(errors="replace").replace("\0", "")
    value: Value = struct.unpack(f">{_FORMS[register.type]}", content)[0]
    return value


def encode(register: Register, value: Value, now: Sequence[int] = ()) -> list[int]:
    """Return the words that hold a value; for a bit of a register, ``now`` is what it holds now.

    Raises InvalidInput for what does not fit in.
    """
    if register.kind.is_bits:
        return [int(bool(value))]
    if register.bit is not None:
        held, mask = int.from_bytes(_bytes(register, now), "big"), 1 << register.bit
        return _words(register, (held | mask if value else held & ~mask).to_bytes(2, "big"))
    if register.type is Type.STRING:
        return _words(register, _text_bytes(register, str(value)))
    try:
        return _words(register, struct.pack(f">{_FORMS[register.type]}", value))
    except (struct.error, OverflowError):
        raise InvalidInput(f"Expected a value of {register.name} that fits {register.type}, got {value}") from None


def state_of(register: Register, value: Value) -> str | None:
    """Return the entity's state for what the register holds; None is unknown."""
    if isinstance(value, str):
        return "".join(filter(str.isprintable, value))
    if register.type is Type.BOOL:
        return _on(bool(value) != register.inverted)
    if value in register.unknown or not math.isfinite(value):
        return None
    if register.on is not None:
        return _switched(register, int(value))
    if register.options:
        return register.options.get(int(value))
    return _written(number_of(register, value))


def number_of(register: Register, value: float) -> Decimal:
    """Return the number that is shown for what the register holds."""
    held = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS[register.type]}g}")
    number = held * register.scale + register.offset
    if register.precision is not None:
        return round(number, register.precision)
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def wanted(register: Register, action: str, data: Mapping[str, Any], now: str | None) -> Value:
    """Return what the register must hold after an action (``number.set_value``), ``now`` being the entity's state.

    Raises InvalidInput or DeviceRefused.
    """
    name = action.partition(".")[2]
    match register.domain:
        case "switch":
            return _turned(register, name == "turn_on" or (name == "toggle" and now != "on"))
        case "number":
            return _raw_number(register, data["value"])
        case "select":
            chosen = _chosen(list(register.options.values()), name, data, now)
            return next(raw for raw, option in register.options.items() if option == chosen)
        case "text":
            return str(data["value"])
        case "button":
            return int(register.press or 0)
        case _:
            raise DeviceRefused(f"{register.name} cannot be written")


def _written(number: Decimal) -> str:
    """Return a number in digits; one that would fill lines, as a value that means something else does, with an exponent."""
    return f"{number:f}" if abs(number.adjusted()) < _MOST_DIGITS else f"{number:E}"


def _on(value: bool) -> str:
    return "on" if value else "off"


def _switched(register: Register, raw: int) -> str | None:
    if raw == register.on:
        return _on(not register.inverted)
    return _on(register.inverted) if register.off is None or raw == register.off else None


def _turned(register: Register, on: bool) -> Value:
    on = on != register.inverted
    if register.on is None or register.off is None:
        return on
    return register.on if on else register.off


def _raw_number(register: Register, value: Any) -> Value:
    number = Decimal(str(value))
    low, high = register.min, register.max
    if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
        raise InvalidInput(f"Expected {register.name} from {low} to {high}, got {value}", path=("value",))
    raw = (number - register.offset) / register.scale
    return int(raw.to_integral_value(ROUND_HALF_EVEN)) if register.type.is_integer else float(raw)


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


def _text_bytes(register: Register, text: str) -> bytes:
    content = text.encode()
    if len(content) > 2 * register.length:
        raise InvalidInput(f"Expected a text of at most {2 * register.length} bytes for {register.name}")
    return content.ljust(2 * register.length, b"\0")


def _bytes(register: Register, words: Sequence[int]) -> bytes:
    """Return the content of words, most significant byte first."""
    ordered = reversed(words) if register.little_words else words
    return b"".join(word.to_bytes(2, "little" if register.little_bytes else "big") for word in ordered)


def _words(register: Register, content: bytes) -> list[int]:
    order = "little" if register.little_bytes else "big"
    words = [int.from_bytes(content[place : place + 2], order) for place in range(0, len(content), 2)]  # type: ignore[arg-type]
    return words[::-1] if register.little_words else words
