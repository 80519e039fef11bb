"""Colours from one space to another, with Home Assistant's roundings, so that the same light reads the same in both.

Red, green and blue are 0-255; hue is 0-360 and saturation 0-100; x and y are CIE 1931; temperatures are kelvin, or mireds
(a million divided by kelvin). White channels follow the colour channels: (r, g, b, white), (r, g, b, cold, warm).
"""

from __future__ import annotations

import colorsys
import math

RGB = tuple[int, int, int]
RGBW = tuple[int, int, int, int]
RGBWW = tuple[int, int, int, int, int]
FloatRGB = tuple[float, float, float]
Pair = tuple[float, float]


def rgb_to_hs(red: float, green: float, blue: float) -> Pair:
    """Return hue and saturation."""
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    return round(hue * 360, 3), round(saturation * 100, 3)


def hs_to_rgb(hue: float, saturation: float, brightness: float = 255) -> RGB:
    """Return the colour at a brightness of 0 to 255."""
    red, green, blue = colorsys.hsv_to_rgb(hue / 360, saturation / 100, brightness / 255)
    return round(red * 255), round(green * 255), round(blue * 255)


def rgb_to_xy(red: float, green: float, blue: float) -> Pair:
    """Return x and y, by the wide gamut D65 matrix that Philips Hue publishes."""
    if red + green + blue == 0:
        return 0.0, 0.0
    r, g, b = (_linear(part / 255) for part in (red, green, blue))
    x = r * 0.664511 + g * 0.154324 + b * 0.162028
    y = r * 0.283881 + g * 0.668433 + b * 0.047685
    z = r * 0.000088 + g * 0.072310 + b * 0.986039
    return round(x / (x + y + z), 3), round(y / (x + y + z), 3)


def xy_to_rgb(x: float, y: float) -> RGB:
    """Return the colour at full brightness."""
    y = y or 1e-11
    big_x, big_z = x / y, (1 - x - y) / y
    linear = (
        big_x * 1.656492 - 0.354851 - big_z * 0.255038,
        -big_x * 0.707196 + 1.655397 + big_z * 0.036152,
        big_x * 0.051713 - 0.121364 + big_z * 1.011530,
    )
    parts = [max(0.0, _gamma(part)) for part in linear]
    scale = max(1.0, *parts)
    red, green, blue = (int(part / scale * 255) for part in parts)
    return red, green, blue


def xy_to_hs(x: float, y: float) -> Pair:
    """Return hue and saturation."""
    return rgb_to_hs(*xy_to_rgb(x, y))


def hs_to_xy(hue: float, saturation: float) -> Pair:
    """Return x and y."""
    return rgb_to_xy(*hs_to_rgb(hue, saturation))


def xy_to_kelvin(x: float, y: float) -> int:
    """Return the nearest colour temperature by McCamy's approximation, good from 2,000 to 10,000 kelvin."""
    n = (x - 0.3320) / (0.1858 - y)
    return int(437 * n**3 + 3601 * n**2 + 6861 * n + 5517)


def kelvin_to_mired(kelvin: float) -> int:
    """Return the colour temperature in mireds."""
    return math.floor(1_000_000 / kelvin)


def mired_to_kelvin(mired: float) -> int:
    """Return the colour temperature in kelvin."""
    return math.floor(1_000_000 / mired)


def kelvin_to_rgb(kelvin: float) -> FloatRGB:
    """Return the colour of a black body, roughly: Tanner Helland's fit, 1,000 to 40,000 kelvin."""
    t = min(max(kelvin, 1_000), 40_000) / 100
    if t <= 66:
        red, green = 255.0, 99.4708025861 * math.log(t) - 161.1195681661
    else:
        red, green = 329.698727446 * (t - 60) ** -0.1332047592, 288.1221695283 * (t - 60) ** -0.0755148492
    blue = 255.0 if t >= 66 else 0.0 if t <= 19 else 138.5177312231 * math.log(t - 10) - 305.0447927307
    return _byte(red), _byte(green), _byte(blue)


def kelvin_to_hs(kelvin: float) -> Pair:
    """Return hue and saturation of a colour temperature."""
    return rgb_to_hs(*kelvin_to_rgb(kelvin))


def rgb_to_rgbw(red: int, green: int, blue: int) -> RGBW:
    """Move the part common to all three channels to the white one."""
    white = min(red, green, blue)
    r, g, b, w = _same_maximum((red, green, blue), (red - white, green - white, blue - white, white))
    return r, g, b, w


def rgbw_to_rgb(red: int, green: int, blue: int, white: int) -> RGB:
    """Spread the white channel over the three colours."""
    r, g, b = _same_maximum((red, green, blue, white), (red + white, green + white, blue + white))
    return r, g, b


def rgb_to_rgbww(red: int, green: int, blue: int, min_kelvin: int, max_kelvin: int) -> RGBWW:
    """Move what both white channels, lit alike, can give to them."""
    white = kelvin_to_rgb(mired_to_kelvin((kelvin_to_mired(max_kelvin) + kelvin_to_mired(min_kelvin)) / 2))
    level = min(part / own if own else 0 for part, own in zip((red, green, blue), white, strict=True))
    rest = [part - own * level for part, own in zip((red, green, blue), white, strict=True)]
    r, g, b, cold, warm = _same_maximum((red, green, blue), (*rest, round(level * 255), round(level * 255)))
    return r, g, b, cold, warm


def rgbww_to_rgb(red: int, green: int, blue: int, cold: int, warm: int, min_kelvin: int, max_kelvin: int) -> RGB:
    """Spread both white channels over the three colours."""
    coldest, warmest = kelvin_to_mired(max_kelvin), kelvin_to_mired(min_kelvin)
    share = warm / (cold + warm) if cold + warm else 0.5
    white = kelvin_to_rgb(mired_to_kelvin(coldest + share * (warmest - coldest)))
    level = max(cold, warm) / 255
    lit = [part + own * level for part, own in zip((red, green, blue), white, strict=True)]
    r, g, b = _same_maximum((red, green, blue, cold, warm), lit)
    return r, g, b


def kelvin_to_rgbww(kelvin: int, brightness: int, min_kelvin: int, max_kelvin: int) -> RGBWW:
    """Make a colour temperature of the two white channels."""
    coldest, warmest = kelvin_to_mired(max_kelvin), kelvin_to_mired(min_kelvin)
    cold = (warmest - kelvin_to_mired(kelvin)) / (warmest - coldest) * brightness
    return 0, 0, 0, round(cold), round(brightness - cold)


def _linear(part: float) -> float:
    return float(((part + 0.055) / 1.055) ** 2.4) if part > 0.04045 else part / 12.92


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _byte(part: float) -> float:
    return min(max(part, 0.0), 255.0)


def _same_maximum(given: tuple[int, ...], made: tuple[float, ...] | list[float]) -> tuple[int, ...]:
    """Scale ``made`` so that its highest channel is as high as the highest of ``given``."""
    factor = max(given) / max(made) if max(made) else 0.0
    return tuple(round(part * factor) for part in made)
