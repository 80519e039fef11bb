"""What a ``light.turn_on`` means to one light: the many ways of saying brightness and colour, made those it knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.entities import colors
from hub.entities.color_names import COLOR_NAMES
from hub.entities.light import COLORED, ColorMode, LightFeature

DEFAULT_MIN_KELVIN: Final = 2000
DEFAULT_MAX_KELVIN: Final = 6535

_PROFILES: Mapping[str, tuple[float, float, int]] = {  # x, y, brightness
    "relax": (0.5119, 0.4147, 144),
    "concentrate": (0.5119, 0.4147, 219),
    "energize": (0.368, 0.3686, 203),
    "reading": (0.4448, 0.4066, 240),
}
_KEY_OF_MODE: Mapping[ColorMode, str] = {mode: f"{mode}_color" for mode in COLORED}
_PREFERRED: Mapping[ColorMode, tuple[ColorMode, ...]] = {  # what a colour becomes on a light without that mode
    ColorMode.HS: (ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW, ColorMode.XY, ColorMode.COLOR_TEMP),
    ColorMode.RGB: (ColorMode.RGBW, ColorMode.RGBWW, ColorMode.HS, ColorMode.XY, ColorMode.COLOR_TEMP),
    ColorMode.XY: (ColorMode.HS, ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW, ColorMode.COLOR_TEMP),
    ColorMode.RGBW: (ColorMode.RGB, ColorMode.RGBWW, ColorMode.HS, ColorMode.XY, ColorMode.COLOR_TEMP),
    ColorMode.RGBWW: (ColorMode.RGB, ColorMode.RGBW, ColorMode.HS, ColorMode.XY, ColorMode.COLOR_TEMP),
}
_FEATURE_OF_KEY = {
    "effect": LightFeature.EFFECT,
    "flash": LightFeature.FLASH,
    "transition": LightFeature.TRANSITION,
}


def normalise_light(data: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of ``light.turn_on`` in the terms that the light has, with Home Assistant's meaning.

    ``attributes`` are the light's last known ones, its capabilities among them (``supported_color_modes``,
    ``supported_features``, ``min_color_temp_kelvin``); ``brightness`` is missing or None while it is off. The result has at
    most ``brightness`` (0 means: turn off), one colour in a mode of the light (``color_temp_kelvin``, ``hs_color``,
    ``white``, ...), ``effect``, ``flash`` and ``transition``; what the light cannot do is left out.
    """
    params = _plain_colors(_plain_brightness(dict(data), attributes.get("brightness") or 0))
    modes = {ColorMode(mode) for mode in attributes.get("supported_color_modes") or (ColorMode.ONOFF,)}
    _fit_temperature(params, modes, attributes)
    _fit_color(params, modes, attributes)
    _fit_white(params, modes, attributes)
    return _known_to(params, modes, int(attributes.get("supported_features") or 0))


def dimmable(modes: set[ColorMode] | frozenset[ColorMode]) -> bool:
    """Say whether a light with these colour modes has a brightness."""
    return not modes <= {ColorMode.ONOFF, ColorMode.UNKNOWN}


def _plain_brightness(params: dict[str, Any], now: int) -> dict[str, Any]:
    """Replace percentages and steps by ``brightness``."""
    step, step_percent = params.pop("brightness_step", None), params.pop("brightness_step_pct", None)
    percent = params.pop("brightness_pct", None)
    if step is not None:
        params["brightness"] = min(max(now + step, 0), 255)
    elif step_percent is not None:
        wanted = (round(now / 255 * 100) + step_percent) / 100 * 255
        params["brightness"] = min(max(round(wanted), 0), 255)
    elif percent is not None:
        params["brightness"] = round(255 * percent / 100)
    return params


def _plain_colors(params: dict[str, Any]) -> dict[str, Any]:
    """Replace names, profiles and mireds by numbers."""
    profile, name = params.pop("profile", None), params.pop("color_name", None)
    mired, kelvin = params.pop("color_temp", None), params.pop("kelvin", None)
    if profile is not None:
        x, y, brightness = _PROFILES[profile]
        params["xy_color"] = (x, y)
        params.setdefault("brightness", brightness)
    if name is not None:
        params["rgb_color"] = COLOR_NAMES[name]
    if mired is not None:
        params["color_temp_kelvin"] = colors.mired_to_kelvin(mired)
    if kelvin is not None:
        params["color_temp_kelvin"] = kelvin
    return params


def _kelvin_range(attributes: Mapping[str, Any]) -> tuple[int, int]:
    low, high = attributes.get("min_color_temp_kelvin"), attributes.get("max_color_temp_kelvin")
    return low or DEFAULT_MIN_KELVIN, high or DEFAULT_MAX_KELVIN


def _fit_temperature(params: dict[str, Any], modes: set[ColorMode], attributes: Mapping[str, Any]) -> None:
    """Replace a colour temperature by a colour, on a light that has colours only."""
    if "color_temp_kelvin" not in params or ColorMode.COLOR_TEMP in modes:
        return
    kelvin = params.pop("color_temp_kelvin")
    if ColorMode.RGBWW in modes:
        brightness = params.get("brightness", attributes.get("brightness") or 255)
        params["rgbww_color"] = colors.kelvin_to_rgbww(kelvin, brightness, *_kelvin_range(attributes))
    elif modes.intersection(COLORED):
        params["hs_color"] = colors.kelvin_to_hs(kelvin)


def _fit_color(params: dict[str, Any], modes: set[ColorMode], attributes: Mapping[str, Any]) -> None:
    """Replace a colour by the same one in a mode that the light has."""
    mode = next((mode for mode in COLORED if _KEY_OF_MODE[mode] in params), None)
    if mode is None or mode in modes:
        return
    value = params.pop(_KEY_OF_MODE[mode])
    wanted = next((other for other in _PREFERRED[mode] if other in modes), None)
    if wanted is not None:
        key = _KEY_OF_MODE.get(wanted, "color_temp_kelvin")
        params[key] = _converted(value, mode, wanted, _kelvin_range(attributes))


def _converted(value: tuple[Any, ...], mode: ColorMode, wanted: ColorMode, limits: tuple[int, int]) -> Any:
    if mode is ColorMode.XY and wanted is ColorMode.COLOR_TEMP:
        return colors.xy_to_kelvin(*value)
    return _from_rgb(wanted, to_rgb(mode, value, limits), limits)


def to_rgb(mode: ColorMode, value: tuple[Any, ...], limits: tuple[int, int]) -> colors.RGB:
    """Return a colour of one of the ``COLORED`` modes in red, green and blue; ``limits`` are the light's kelvin range."""
    match mode:
        case ColorMode.HS:
            return colors.hs_to_rgb(*value)
        case ColorMode.XY:
            return colors.xy_to_rgb(*value)
        case ColorMode.RGBW:
            return colors.rgbw_to_rgb(*value)
        case ColorMode.RGBWW:
            red, green, blue, cold, warm = value
            return colors.rgbww_to_rgb(red, green, blue, cold, warm, *limits)
        case _:
            red, green, blue = value
            return red, green, blue


def _from_rgb(mode: ColorMode, rgb: colors.RGB, limits: tuple[int, int]) -> Any:
    match mode:
        case ColorMode.HS:
            return colors.rgb_to_hs(*rgb)
        case ColorMode.XY:
            return colors.rgb_to_xy(*rgb)
        case ColorMode.RGBW:
            return colors.rgb_to_rgbw(*rgb)
        case ColorMode.RGBWW:
            return colors.rgb_to_rgbww(*rgb, *limits)
        case ColorMode.COLOR_TEMP:
            return colors.xy_to_kelvin(*colors.rgb_to_xy(*rgb))
        case _:
            return rgb


def _fit_white(params: dict[str, Any], modes: set[ColorMode], attributes: Mapping[str, Any]) -> None:
    if "white" not in params or ColorMode.WHITE not in modes:
        return
    white = attributes.get("brightness") if params["white"] is True else params["white"]
    params["white"] = params.pop("brightness", white)


def _known_to(params: Mapping[str, Any], modes: set[ColorMode], features: int) -> dict[str, Any]:
    """Leave out what a light with these modes and features does not know."""
    known = {key for key, feature in _FEATURE_OF_KEY.items() if features & feature}
    known |= {key for mode, key in _KEY_OF_MODE.items() if mode in modes}
    known |= {"brightness"} if dimmable(modes) else set()
    known |= {"color_temp_kelvin"} if ColorMode.COLOR_TEMP in modes else set()
    known |= {"white"} if ColorMode.WHITE in modes else set()
    kept = {key: value for key, value in params.items() if key in known}
    if params.get("brightness") == 0 or kept.get("white") == 0:
        kept["brightness"] = 0
    return kept
