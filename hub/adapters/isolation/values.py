"""The records that cross between processes, made anew from what JSON keeps of them: by the types of their fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hub.core.actions import ActionDescription
from hub.core.fields import Field, Unset

T = TypeVar("T")
Values = Mapping[str, Any]
Make = Callable[[Any], Any]
_MAKERS: dict[type[Any], dict[str, Make]] = {}


def remade(kind: type[T], values: Values) -> T:
    """Return the record of this type: lists become tuples and sets again, mappings the records inside it.

    Raises TypeError or KeyError for values that are of no such record.
    """
    makers = _MAKERS.get(kind) or _MAKERS.setdefault(kind, _makers(kind))
    return kind(**{name: makers[name](value) for name, value in values.items()})


def written_field(field: Field) -> dict[str, Any]:
    """Return a field as plain values. A function that checks it stays behind, and is known by ``checked_there``."""
    plain = {item.name: getattr(field, item.name) for item in dataclasses.fields(field) if item.init}
    del plain["validate"]
    if isinstance(field.default, Unset):
        del plain["default"]
    return {**plain, "checked_there": field.validate is not None}


def field(values: Values) -> Field:
    """Return a field. What a function checks in the other process is let through here."""
    made = remade(Field, {key: value for key, value in values.items() if key != "checked_there"})
    return dataclasses.replace(made, validate=_as_it_is) if values["checked_there"] else made


def written_action(action: ActionDescription) -> dict[str, Any]:
    """Return an action's description as plain values."""
    plain = {item.name: getattr(action, item.name) for item in dataclasses.fields(action) if item.init}
    return {**plain, "fields": [written_field(item) for item in action.fields]}


def action(values: Values) -> ActionDescription:
    """Return an action's description."""
    made = remade(ActionDescription, {key: value for key, value in values.items() if key != "fields"})
    return dataclasses.replace(made, fields=tuple(field(item) for item in values["fields"]))


def _makers(kind: type[Any]) -> dict[str, Make]:
    hints = get_type_hints(kind)
    return {item.name: _maker(hints[item.name]) for item in dataclasses.fields(kind) if item.init}


def _maker(hint: Any) -> Make:
    """Return what makes a value of a field's type of what JSON kept of it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _optional([_maker(item) for item in inner if item is not type(None)])
    if origin is tuple:
        return _tuple(inner)
    if origin is frozenset:
        return frozenset
    if origin is Mapping:
        value = _maker(inner[1])
        return _as_it_is if value is _as_it_is else lambda plain: {key: value(item) for key, item in plain.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return lambda plain: remade(hint, plain)
    return hint if isinstance(hint, type) and issubclass(hint, Enum) else _as_it_is


def _optional(makers: list[Make]) -> Make:
    make = makers[0] if len(makers) == 1 else _as_it_is
    return make if make is _as_it_is else lambda plain: None if plain is None else make(plain)


def _tuple(inner: tuple[Any, ...]) -> Make:
    if inner[-1] is Ellipsis:
        one = _maker(inner[0])
        return lambda plain: tuple(one(item) for item in plain)
    makers = [_maker(item) for item in inner]
    return lambda plain: tuple(make(item) for make, item in zip(makers, plain, strict=True))


def _as_it_is(value: Any) -> Any:
    return value
