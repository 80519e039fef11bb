"""Colours as people say them, as the data of ``light.turn_on``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.entities.color_names import COLOR_NAMES

_KELVIN = re.compile(r"(\d{4,5}) ?(?:k|kelvin|开)?\Z")

_WHITES: Mapping[str, int] = {
    **dict.fromkeys(("candlelight", "candle light", "烛 光"), 2000),
    **dict.fromkeys(("warm", "warm white", "soft white", "warm light", "暖 光", "暖 白", "暖 白 色", "暖 色"), 2700),
    **dict.fromkeys(("neutral", "neutral white", "natural", "natural white", "自 然 光", "中 性 光"), 4000),
    **dict.fromkeys(("daylight", "日 光"), 5500),
    **dict.fromkeys(
        ("cool", "cool white", "cold", "cold white", "cool light", "冷 光", "冷 白", "冷 白 色", "冷 色"), 6000
    ),
}
"""Whites, in kelvin."""

_CHINESE: Mapping[str, str] = {
    "红": "red", "大 红": "red", "橙": "orange", "橘": "orange", "黄": "yellow", "绿": "green", "青": "cyan", "蓝": "blue",
    "天 蓝": "skyblue", "深 蓝": "darkblue", "紫": "purple", "粉": "pink", "粉 红": "pink", "白": "white", "棕": "brown",
    "青 绿": "turquoise", "金": "gold", "品 红": "magenta", "薰 衣 草": "lavender", "米": "beige", "灰": "gray",
}  # fmt: skip


def color_data(words: str) -> Mapping[str, object] | None:
    """Return the data for a normalised colour, or None for one that nobody knows.

    >>> color_data("sky blue"), color_data("红 色"), color_data("warm white"), color_data("3000 k")
    ({'color_name': 'skyblue'}, {'color_name': 'red'}, {'color_temp_kelvin': 2700}, {'color_temp_kelvin': 3000})
    """
    if words in _WHITES:
        return {"color_temp_kelvin": _WHITES[words]}
    if kelvin := _KELVIN.match(words):
        return {"color_temp_kelvin": int(kelvin[1])}
    name = _CHINESE.get(words.removesuffix(" 色"), words.replace(" ", ""))
    return {"color_name": name} if name in COLOR_NAMES else None
