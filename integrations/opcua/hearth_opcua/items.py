"""What a node becomes: from what the server says of it and what the user wants. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hearth_opcua.config import NodeSettings
from hearth_opcua.units import device_class_of


class Type(StrEnum):
    """The built-in types of OPC UA that entities can show, by their names there; METHOD is called, not read."""

    BOOLEAN = "Boolean"
    SBYTE = "SByte"
    BYTE = "Byte"
    INT16 = "Int16"
    UINT16 = "UInt16"
    INT32 = "Int32"
    UINT32 = "UInt32"
    INT64 = "Int64"
    UINT64 = "UInt64"
    FLOAT = "Float"
    DOUBLE = "Double"
    STRING = "String"
    LOCALIZED_TEXT = "LocalizedText"
    DATE_TIME = "DateTime"
    METHOD = "Method"

    @property
    def range(self) -> tuple[int, int] | None:
        """The lowest and highest whole number it holds; None if it holds others."""
        bits = _BITS.get(self)
        if bits is None:
            return None
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self in _SIGNED else (0, (1 << bits) - 1)

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self in _BITS or self in (Type.FLOAT, Type.DOUBLE)

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self in (Type.STRING, Type.LOCALIZED_TEXT)


_BITS: Mapping[Type, int] = {
    Type.SBYTE: 8, Type.BYTE: 8, Type.INT16: 16, Type.UINT16: 16, Type.INT32: 32, Type.UINT32: 32, Type.INT64: 64,
    Type.UINT64: 64,
}  # fmt: skip
_SIGNED = frozenset({Type.SBYTE, Type.INT16, Type.INT32, Type.INT64})
_FITS: Mapping[str, frozenset[Type]] = {
    "sensor": frozenset(Type) - {Type.METHOD},
    "binary_sensor": frozenset({Type.BOOLEAN, *_BITS}),
    "switch": frozenset({Type.BOOLEAN, *_BITS}),
    "number": frozenset({*_BITS, Type.FLOAT, Type.DOUBLE}),
    "select": frozenset(_BITS),
    "text": frozenset({Type.STRING, Type.LOCALIZED_TEXT}),
    "button": frozenset({Type.METHOD, Type.BOOLEAN}),
}
_WRITTEN = frozenset({"switch", "number", "select", "text", "button"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the server says of a node. ``parent`` is the object of a method; ``wrong`` why it cannot become an entity."""

    node: str
    name: str
    type: Type | None = None
    writable: bool = False
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    options: Mapping[int, str] = field(default_factory=dict)
    parent: str | None = None
    root: str | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A node as an entity. ``root`` is the browsed node it was found below."""

    node: str
    name: str
    type: Type
    domain: str
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    scale: float = 1.0
    offset: float = 0.0
    precision: int | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    options: Mapping[int, str] = field(default_factory=dict)
    icon: str | None = None
    category: str | None = None
    parent: str | None = None
    root: str | None = None


class Unsuitable(ValueError):
    """A node cannot be what the user wants; the message says why."""


def combine(facts: Facts, wanted: NodeSettings) -> Item:
    """Return what a node becomes.

    Raises Unsuitable.
    """
    kind = facts.type
    if facts.wrong is not None or kind is None:
        raise Unsuitable(facts.wrong or "it holds nothing that an entity could show")
    options = wanted.options or facts.options
    domain = wanted.domain or _domain(kind, bool(options), wanted.writable)
    _check(domain, kind, facts, options)
    unit = (wanted.unit if wanted.unit is not None else facts.unit) if kind.is_number else None
    low, high = _limits(facts, wanted) if domain == "number" else (None, None)
    return Item(
        node=facts.node,
        name=wanted.name or facts.name,
        type=kind,
        domain=domain,
        unit=unit,
        device_class=_device_class(domain, kind, wanted.device_class, unit, shows_options=bool(options)),
        state_class=_state_class(domain, kind, wanted, unit, shows_options=bool(options)),
        scale=wanted.scale,
        offset=wanted.offset,
        precision=wanted.precision,
        min=low,
        max=high,
        step=wanted.step,
        options=options,
        icon=wanted.icon,
        category=wanted.category,
        parent=facts.parent,
        root=facts.root,
    )


def _domain(kind: Type, has_options: bool, writable: bool) -> str:
    if kind is Type.METHOD:
        return "button"
    if kind is Type.BOOLEAN:
        return "switch" if writable else "binary_sensor"
    if not writable or kind is Type.DATE_TIME:
        return "sensor"
    if has_options:
        return "select"
    return "number" if kind.is_number else "text"


def _check(domain: str, kind: Type, facts: Facts, options: Mapping[int, str]) -> None:
    if kind not in _FITS[domain]:
        raise Unsuitable(f"expected a node that can be a {domain}, got one of type {kind}")
    if domain in _WRITTEN and kind is not Type.METHOD and not facts.writable:
        raise Unsuitable("the server does not let this user write it")
    if domain == "select" and not options:
        raise Unsuitable("expected options, for the server names none")


def _limits(facts: Facts, wanted: NodeSettings) -> tuple[float, float]:
    """Return the lowest and highest value to be written: the user's, the server's EURange, or what the type holds."""
    ends = [
        end * wanted.scale + wanted.offset if end is not None else None
        for end in (facts.low, facts.high) if facts.low != facts.high
    ] or [None, None]  # fmt: skip
    low, high = sorted(ends) if None not in ends else (None, None)  # type: ignore[type-var]
    low = wanted.min if wanted.min is not None else low
    high = wanted.max if wanted.max is not None else high
    if low is None or high is None:
        raise Unsuitable("expected a min and a max, for the server names no range")
    return low, high


def _device_class(domain: str, kind: Type, wanted: str | None, unit: str | None, *, shows_options: bool) -> str | None:
    if domain == "sensor" and kind is Type.DATE_TIME:
        return "timestamp"
    if domain == "sensor" and shows_options:
        return "enum"
    if wanted is not None or domain not in ("sensor", "number"):
        return wanted
    return device_class_of(unit)


def _state_class(domain: str, kind: Type, wanted: NodeSettings, unit: str | None, *, shows_options: bool) -> str | None:
    if domain != "sensor" or not kind.is_number or shows_options:
        return None
    if wanted.state_class is not None:
        return wanted.state_class
    if (wanted.device_class or device_class_of(unit)) == "energy":
        return "total_increasing"
    return "measurement" if unit else None
