"""Numbers: conversions, rounding, statistics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Environment, filters, pass_environment

from hub.templates.functions.function import BOTH, MISSING, Function, Use, defaulted
from hub.templates.home import Home
from hub.templates.results import as_boolean

_BOOLEANS = frozenset({"1", "true", "yes", "on", "enable", "0", "false", "no", "off", "disable"})
_CANNOT = (ValueError, TypeError, OverflowError)


def functions(_: Home) -> Iterable[Function]:
    """Return the functions for numbers."""
    yield Function(name="float", call=to_float)
    yield Function(name="int", call=to_int)
    yield Function(name="bool", call=to_bool)
    yield Function(name="is_number", call=is_number, uses=BOTH | Use.TEST)
    yield Function(name="round", call=rounded, uses=Use.FILTER)
    yield Function(name="add", call=lambda value, amount, default=MISSING: _arithmetic("add", value, amount, default))
    yield Function(
        name="multiply", call=lambda value, amount, default=MISSING: _arithmetic("multiply", value, amount, default)
    )
    yield Function(name="min", call=_extreme("min"), uses=Use.GLOBAL)
    yield Function(name="max", call=_extreme("max"), uses=Use.GLOBAL)
    yield Function(name="average", call=_statistic("average", statistics.fmean))
    yield Function(name="median", call=_statistic("median", statistics.median))
    yield Function(name="statistical_mode", call=_statistic("statistical_mode", statistics.mode))
    yield Function(name="clamp", call=lambda value, low, high: max(float(low), min(float(high), float(value))))
    yield Function(name="log", call=logarithm)
    for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sqrt"):
        yield Function(name=name, call=_real(name, getattr(math, name)))
    yield Function(name="bitwise_and", call=lambda first, second: first & second)
    yield Function(name="bitwise_or", call=lambda first, second: first | second)
    yield Function(name="bitwise_xor", call=lambda first, second: first ^ second)
    constants = {"e": math.e, "pi": math.pi, "tau": math.tau, "inf": math.inf}
    for name, value in constants.items():
        yield Function(name=name, call=value, uses=Use.GLOBAL)


def to_float(value: Any, default: Any = MISSING) -> Any:
    """Return ``value`` as a float."""
    try:
        return float(value)
    except _CANNOT:
        return defaulted("float", value, default)


def to_int(value: Any, default: Any = MISSING, base: int = 10) -> Any:
    """Return ``value`` as an integer, cut off towards zero."""
    result = filters.do_int(value, default=MISSING, base=base)  # type: ignore[arg-type]
    return defaulted("int", value, default) if result is MISSING else result  # type: ignore[comparison-overlap]


def to_bool(value: Any, default: Any = MISSING) -> Any:
    """Return ``value`` as a boolean: true, yes, on, enable, 1 and their opposites."""
    if isinstance(value, (bool, int, float)) or str(value).lower() in _BOOLEANS:
        return as_boolean(value)
    return defaulted("bool", value, default)


def is_number(value: Any) -> bool:
    """Say whether ``value`` is a finite number, or text that is one."""
    try:
        return math.isfinite(float(value))
    except _CANNOT:
        return False


def rounded(value: Any, precision: int = 0, method: str = "common", default: Any = MISSING) -> Any:
    """Return ``value`` rounded; ``method`` is common, ceil, floor or half."""
    try:
        number, factor = float(value), float(10**precision)
        if method == "ceil":
            number = math.ceil(number * factor) / factor
        elif method == "floor":
            number = math.floor(number * factor) / factor
        elif method == "half":
            number = round(number * 2) / 2
        else:
            number = round(number, precision)
        return int(number) if precision == 0 else number
    except _CANNOT:
        return defaulted("round", value, default)


def logarithm(value: Any, base: Any = math.e, default: Any = MISSING) -> Any:
    """Return the logarithm of ``value``."""
    try:
        return math.log(float(value), float(base))
    except (*_CANNOT, ZeroDivisionError):
        return defaulted("log", value, default)


def _real(name: str, calculate: Callable[[float], float]) -> Callable[..., Any]:
    def function(value: Any, default: Any = MISSING) -> Any:
        try:
            return calculate(float(value))
        except _CANNOT:
            return defaulted(name, value, default)

    return function


def _arithmetic(name: str, value: Any, amount: Any, default: Any) -> Any:
    try:
        return float(value) + amount if name == "add" else float(value) * amount
    except _CANNOT:
        return defaulted(name, value, default)


def _statistic(name: str, calculate: Callable[[Iterable[Any]], Any]) -> Callable[..., Any]:
    def function(*values: Any, default: Any = MISSING) -> Any:
        items: Any = values
        if values and isinstance(values[0], Iterable):  # a list, then perhaps a default
            items, default = values[0], values[1] if len(values) > 1 and default is MISSING else default
        try:
            return calculate(items)
        except (*_CANNOT, statistics.StatisticsError):
            return defaulted(name, values, default)

    return function


def _extreme(name: str) -> Callable[..., Any]:
    @pass_environment
    def function(environment: Environment, *values: Any, **options: Any) -> Any:
        items = values[0] if len(values) == 1 and isinstance(values[0], Iterable) else values
        return environment.filters[name](environment, items, **options)

    return function
