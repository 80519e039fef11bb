"""What a light shows: its colour in every space that people and blueprints ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.entities import colors
from hub.entities.light import COLORED, ColorMode, LightFeature
from hub.entities.light_parameters import DEFAULT_MAX_KELVIN, DEFAULT_MIN_KELVIN, dimmable, to_rgb


def light_capabilities(
    modes: Iterable[ColorMode],
    *,
    min_kelvin: int = DEFAULT_MIN_KELVIN,
    max_kelvin: int = DEFAULT_MAX_KELVIN,
    effects: list[str] | None = None,
) -> dict[str, Any]:
    """Return the static attributes of a light; ``effects`` None means that it has none."""
    modes = set(modes)
    shown: dict[str, Any] = {}
    if ColorMode.COLOR_TEMP in modes:
        shown["min_color_temp_kelvin"], shown["max_color_temp_kelvin"] = min_kelvin, max_kelvin
        shown["min_mireds"], shown["max_mireds"] = (colors.kelvin_to_mired(k) for k in (max_kelvin, min_kelvin))
    if effects is not None:
        shown["effect_list"] = effects
    shown["supported_color_modes"] = sorted(modes)
    return shown


def light_attributes(
    capabilities: Mapping[str, Any],
    features: int,
    *,
    on: bool,
    color_mode: ColorMode | None = None,
    brightness: int | None = None,
    color: tuple[float, ...] | int | None = None,
    effect: str | None = None,
) -> dict[str, Any]:
    """Return the changing attributes of a light, as Home Assistant shows them.

    ``color`` belongs to ``color_mode``: (hue, saturation), (x, y), (r, g, b) ... or kelvin. While the light is off, or in
    no known mode, they are all there and None.
    """
    modes = {ColorMode(mode) for mode in capabilities["supported_color_modes"]}
    mode = color_mode if on else None
    shown: dict[str, Any] = {"effect": effect if on else None} if features & LightFeature.EFFECT else {}
    shown["color_mode"] = mode
    if dimmable(modes):
        shown["brightness"] = brightness if mode not in (None, ColorMode.ONOFF, ColorMode.UNKNOWN) else None
    if ColorMode.COLOR_TEMP in modes:
        kelvin = color if mode is ColorMode.COLOR_TEMP and isinstance(color, int) else None
        shown["color_temp_kelvin"] = kelvin
        shown["color_temp"] = colors.kelvin_to_mired(kelvin) if kelvin else None
    if modes & {ColorMode.COLOR_TEMP, *COLORED}:
        shown.update(_colors(modes, mode, color, capabilities))
    return shown


def _colors(
    modes: set[ColorMode],
    mode: ColorMode | None,
    color: tuple[float, ...] | int | None,
    capabilities: Mapping[str, Any],
) -> dict[str, Any]:
    spaces = ["hs", "rgb", "xy", *(extra for extra in (ColorMode.RGBW, ColorMode.RGBWW) if extra in modes)]
    shown: dict[str, Any] = dict.fromkeys(f"{space}_color" for space in spaces)
    if mode is None or not color:
        return shown
    if isinstance(color, int):
        return {**shown, **_in_all_spaces(ColorMode.HS, colors.kelvin_to_hs(color), capabilities)}
    return {**shown, **_in_all_spaces(mode, color, capabilities)}


def _in_all_spaces(mode: ColorMode, color: tuple[float, ...], capabilities: Mapping[str, Any]) -> dict[str, Any]:
    limits = (
        capabilities.get("min_color_temp_kelvin") or DEFAULT_MIN_KELVIN,
        capabilities.get("max_color_temp_kelvin") or DEFAULT_MAX_KELVIN,
    )
    rgb = to_rgb(mode, color, limits)
    shown: dict[str, Any] = {
        "hs_color": colors.rgb_to_hs(*rgb),
        "rgb_color": rgb,
        "xy_color": colors.rgb_to_xy(*rgb),
    }
    places = {ColorMode.HS: 3, ColorMode.XY: 6}
    shown[f"{mode}_color"] = tuple(round(part, places[mode]) if mode in places else int(part) for part in color)
    return shown
