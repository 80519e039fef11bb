"""A device's own range of values, and percentages or brightness."""

from __future__ import annotations

Range = tuple[float, float]
"""The lowest and the highest value, the value for zero left out: (1, 100) for 0 to 100."""

_PERCENT: Range = (1, 100)
_BRIGHTNESS: Range = (1, 255)


def states_in(values: Range) -> float:
    """Return how many whole values a range has."""
    return values[1] - values[0] + 1


def scale(source: Range, target: Range, value: float) -> float:
    """Return what a value of one range is in another."""
    return (value - (source[0] - 1)) * states_in(target) / states_in(source) + target[0] - 1


def to_percent(values: Range, value: float) -> int:
    """Return a value of a range in percent, rounded down."""
    return int((value - (values[0] - 1)) * states_in(_PERCENT) // states_in(values))


def from_percent(values: Range, percent: float) -> float:
    """Return what a percentage is in a range."""
    return scale(_PERCENT, values, percent)


def to_brightness(highest: float, value: float) -> int:
    """Return a brightness of 1 to ``highest`` as 1 to 255."""
    return min(255, max(1, round(scale((1, highest), _BRIGHTNESS, value))))


def from_brightness(highest: float, brightness: int) -> int:
    """Return a brightness of 1 to 255 as 1 to ``highest``."""
    return max(round(scale(_BRIGHTNESS, (1, highest), brightness)), 1)
