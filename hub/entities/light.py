"""Lights: brightness, colour temperature, colour, effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntFlag, StrEnum
from typing import Any

import voluptuous as vol

from hub.core.actions import ActionDescription
from hub.core.fields import Field, Validator, selector_validator
from hub.entities.color_names import COLOR_NAMES
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import OBJECT, PERCENT, TEXT, number, select


class LightFeature(IntFlag):
    """What a light can do besides its colour modes."""

    EFFECT = 4
    FLASH = 8
    TRANSITION = 32


class ColorMode(StrEnum):
    """How a light's colour is given. A light says which modes it has, and in which it is."""

    UNKNOWN = "unknown"
    ONOFF = "onoff"
    BRIGHTNESS = "brightness"
    COLOR_TEMP = "color_temp"
    HS = "hs"
    XY = "xy"
    RGB = "rgb"
    RGBW = "rgbw"
    RGBWW = "rgbww"
    WHITE = "white"


COLORED: tuple[ColorMode, ...] = (ColorMode.HS, ColorMode.XY, ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW)
"""The modes that can show any colour."""

_MODES = "supported_color_modes"
_COLORS = {_MODES: tuple(COLORED)}
_TEMPERATURES = {_MODES: (ColorMode.COLOR_TEMP, *COLORED)}
_DIMMABLE = {_MODES: (ColorMode.BRIGHTNESS, ColorMode.COLOR_TEMP, *COLORED)}

_BRIGHTNESS_GROUP = ("brightness", "brightness_pct", "brightness_step", "brightness_step_pct")
_COLOR_GROUP = (
    "color_name",
    "color_temp",
    "color_temp_kelvin",
    "hs_color",
    "kelvin",
    "profile",
    "rgb_color",
    "rgbw_color",
    "rgbww_color",
    "white",
    "xy_color",
)


def _clamped(low: int, high: int, whole: type[int] | type[float] = int) -> Validator:
    check = selector_validator(number())
    return lambda value: whole(min(max(check(value), low), high))


def _whole(low: int, high: int) -> Validator:
    check = selector_validator(number(low, high))
    return lambda value: int(check(value))


def _numbers(*highest: float, whole: type[int] | type[float] = float) -> Validator:
    checks = [selector_validator(number(0, high)) for high in highest]

    def check(value: Any) -> tuple[float, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != len(checks):
            raise vol.Invalid(f"expected {len(checks)} numbers, got {value!r}")
        return tuple(whole(one(part)) for one, part in zip(checks, value, strict=True))

    return check


def _color_name(value: Any) -> str:
    name = str(value).replace(" ", "").lower()
    if name not in COLOR_NAMES:
        raise vol.Invalid(f"expected the name of a colour such as red or skyblue, got {value!r}")
    return name


def _white(value: Any) -> bool | int:
    return True if value is True else int(_clamped(0, 255)(value))


_TRANSITION = Field(
    name="transition",
    selector=number(0, 300, unit="seconds"),
    features=LightFeature.TRANSITION,
    validate=_clamped(0, 6553, float),
    description="How long the change takes, in seconds.",
)
_FLASH = Field(
    name="flash",
    selector=select("long", "short"),
    features=LightFeature.FLASH,
    description="Flashes once, short or long.",
)


def _color(name: str, validate: Validator, example: str, selector: Mapping[str, Mapping[str, Any]] = OBJECT) -> Field:
    space = name.removesuffix("_color").upper()
    return Field(
        name=name,
        selector=selector,
        validate=validate,
        example=example,
        attributes=_COLORS,
        description=f"A colour as {space}.",
    )


def _kelvin(name: str, description: str) -> Field:
    return Field(
        name=name,
        selector={"color_temp": {"unit": "kelvin", "min": 2000, "max": 6500}},
        validate=_whole(1, 40_000),
        attributes=_TEMPERATURES,
        description=description,
    )


def _brightness(name: str, low: int, high: int, description: str) -> Field:
    percent = name.endswith("_pct")
    return Field(
        name=name,
        selector=number(low, high, unit="%" if percent else None),
        validate=None if percent else _clamped(low, high),
        attributes=_DIMMABLE,
        description=description,
    )


_TURN_ON_FIELDS = (
    _TRANSITION,
    _color("rgb_color", _numbers(255, 255, 255, whole=int), "[255, 100, 100]", {"color_rgb": {}}),
    _kelvin("color_temp_kelvin", "A colour temperature in kelvin: 2700 is warm, 6500 is cold."),
    Field(
        name="brightness_pct", selector=PERCENT, attributes=_DIMMABLE, description="Brightness in percent; 0 turns off."
    ),
    _brightness("brightness_step_pct", -100, 100, "How much to change the brightness, in percent."),
    Field(name="effect", selector=TEXT, features=LightFeature.EFFECT, description="An effect out of effect_list."),
    _color("rgbw_color", _numbers(255, 255, 255, 255, whole=int), "[255, 100, 100, 50]"),
    _color("rgbww_color", _numbers(255, 255, 255, 255, 255, whole=int), "[255, 100, 100, 50, 70]"),
    Field(
        name="color_name",
        selector=select(*sorted(COLOR_NAMES)),
        validate=_color_name,
        attributes=_COLORS,
        description="A colour by its name.",
    ),
    _color("hs_color", _numbers(360, 100), "[300, 70]"),
    _color("xy_color", _numbers(1, 1), "[0.52, 0.43]"),
    Field(
        name="color_temp",
        selector={"color_temp": {"unit": "mired", "min": 153, "max": 500}},
        validate=_whole(1, 1_000),
        attributes=_TEMPERATURES,
        description="A colour temperature in mireds; color_temp_kelvin is preferred.",
    ),
    _kelvin("kelvin", "An older name of color_temp_kelvin."),
    _brightness("brightness", 0, 255, "Brightness from 0 (turns off) to 255."),
    _brightness("brightness_step", -255, 255, "How much to change the brightness."),
    Field(
        name="white",
        selector={"constant": {"value": True, "label": "Enabled"}},
        validate=_white,
        attributes={_MODES: (ColorMode.WHITE,)},
        description="Sets the light to white.",
    ),
    Field(
        name="profile",
        selector=select("relax", "concentrate", "energize", "reading"),
        description="A named colour and brightness.",
    ),
    _FLASH,
)


def _action(name: str, fields: tuple[Field, ...], description: str) -> ActionDescription:
    groups = (_BRIGHTNESS_GROUP, _COLOR_GROUP) if fields is _TURN_ON_FIELDS else ()
    return ActionDescription(domain="light", name=name, fields=fields, description=description, exclusive=groups)


LIGHT = Domain(
    name="light",
    states=frozenset({"on", "off"}),
    features=LightFeature,
    attributes=(
        Attribute(name="supported_color_modes", description="the colour modes it has", capability=True),
        Attribute(name="min_color_temp_kelvin", description="its warmest white", unit="K", capability=True),
        Attribute(name="max_color_temp_kelvin", description="its coldest white", unit="K", capability=True),
        Attribute(name="effect_list", description="the effects it has", capability=True),
        Attribute(name="color_mode", description="the colour mode it is in"),
        Attribute(name="brightness", description="0 to 255"),
        Attribute(name="color_temp_kelvin", description="its colour temperature", unit="K"),
        Attribute(name="hs_color", description="hue 0-360 and saturation 0-100"),
        Attribute(name="rgb_color", description="red, green, blue, 0-255"),
        Attribute(name="xy_color", description="CIE x and y"),
        Attribute(name="rgbw_color", description="red, green, blue, white, 0-255"),
        Attribute(name="rgbww_color", description="red, green, blue, cold white, warm white, 0-255"),
        Attribute(name="effect", description="the effect in force"),
    ),
    actions=(
        _action("turn_on", _TURN_ON_FIELDS, "Turns on one or more lights and adjusts their properties."),
        _action("turn_off", (_TRANSITION, _FLASH), "Turns off one or more lights."),
        _action("toggle", _TURN_ON_FIELDS, "Toggles one or more lights, from on to off, or off to on."),
    ),
)
