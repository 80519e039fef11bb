from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.entities import ColorMode, LightFeature, colors, light_attributes, light_capabilities, normalise_light

ALL = int(LightFeature.EFFECT | LightFeature.FLASH | LightFeature.TRANSITION)


def light(*modes: str, **more: Any) -> dict[str, Any]:
    return {"supported_color_modes": list(modes), "supported_features": ALL, **more}


@pytest.mark.parametrize(
    ("data", "attributes", "expected"),
    [
        ({"brightness_pct": 50}, light("brightness"), {"brightness": 128}),
        ({"brightness_step": 20}, light("brightness", brightness=100), {"brightness": 120}),
        ({"brightness_step": 20}, light("brightness", brightness=None), {"brightness": 20}),
        ({"brightness_step_pct": 10}, light("brightness", brightness=128), {"brightness": 153}),
        ({"brightness_step_pct": -80}, light("brightness", brightness=128), {"brightness": 0}),
        ({"brightness": 10}, light("onoff"), {}),
        ({"brightness": 0}, light("onoff"), {"brightness": 0}),
        ({"color_temp": 250}, light("color_temp"), {"color_temp_kelvin": 4000}),
        ({"kelvin": 3000}, light("color_temp"), {"color_temp_kelvin": 3000}),
        ({"color_temp_kelvin": 3000}, light("hs"), {"hs_color": (27.825, 56.895)}),
        ({"color_temp_kelvin": 3000}, light("brightness"), {}),
        (
            {"color_temp_kelvin": 6535, "brightness": 100},
            light("rgbww"),
            {"rgbww_color": (0, 0, 0, 100, 0), "brightness": 100},
        ),
        ({"color_name": "red"}, light("rgb"), {"rgb_color": (255, 0, 0)}),
        ({"color_name": "red"}, light("xy", "color_temp"), {"xy_color": (0.701, 0.299)}),
        ({"rgb_color": (255, 128, 128)}, light("rgbw"), {"rgbw_color": (253, 0, 0, 255)}),
        ({"hs_color": (120, 100)}, light("rgb"), {"rgb_color": (0, 255, 0)}),
        ({"rgbw_color": (0, 0, 0, 255)}, light("hs"), {"hs_color": (0.0, 0.0)}),
        ({"xy_color": (0.3, 0.3)}, light("color_temp"), {"color_temp_kelvin": 7731}),
        ({"profile": "relax"}, light("xy"), {"xy_color": (0.5119, 0.4147), "brightness": 144}),
        ({"white": True}, light("white", "hs", brightness=90), {"white": 90}),
        ({"white": 30, "brightness": 20}, light("white", "hs"), {"white": 20}),
        ({"white": 0}, light("white", "hs"), {"white": 0, "brightness": 0}),
        ({"effect": "rainbow", "transition": 1.0}, light("onoff"), {"effect": "rainbow", "transition": 1.0}),
        ({"effect": "rainbow", "flash": "short"}, {"supported_color_modes": ["onoff"]}, {}),
        ({}, {}, {}),
    ],
)
def test_turn_on_is_said_in_the_terms_of_the_light(
    data: dict[str, Any], attributes: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert normalise_light(data, attributes) == expected


def test_the_data_given_is_left_alone() -> None:
    data = {"brightness_pct": 50, "color_name": "red"}
    normalise_light(data, light("hs"))
    assert data == {"brightness_pct": 50, "color_name": "red"}


@given(
    rgb=st.tuples(*[st.integers(0, 255)] * 3), mode=st.sampled_from(["hs", "xy", "rgb", "rgbw", "rgbww", "color_temp"])
)
def test_any_colour_can_be_given_to_any_coloured_light(rgb: tuple[int, int, int], mode: str) -> None:
    result = normalise_light({"rgb_color": rgb}, light(mode))
    assert list(result) == ["color_temp_kelvin" if mode == "color_temp" else f"{mode}_color"]


@given(hue=st.floats(0, 360), saturation=st.floats(20, 100))
def test_hue_and_saturation_survive_the_way_through_red_green_blue(hue: float, saturation: float) -> None:
    back_hue, back_saturation = colors.rgb_to_hs(*colors.hs_to_rgb(hue, saturation))
    assert abs(saturation - back_saturation) < 0.6
    assert min(abs(hue - back_hue), 360 - abs(hue - back_hue)) < 3


@given(kelvin=st.integers(1000, 10000))
def test_kelvin_survives_the_way_through_mireds_nearly(kelvin: int) -> None:
    assert abs(kelvin - colors.mired_to_kelvin(colors.kelvin_to_mired(kelvin))) <= kelvin * kelvin / 1_000_000 + 1


def test_a_light_that_is_on_shows_its_colour_in_every_space() -> None:
    capabilities = light_capabilities({ColorMode.COLOR_TEMP, ColorMode.XY}, min_kelvin=2000, max_kelvin=6500)
    shown = light_attributes(capabilities, 0, on=True, color_mode=ColorMode.COLOR_TEMP, brightness=200, color=2700)
    assert capabilities == {
        "min_color_temp_kelvin": 2000,
        "max_color_temp_kelvin": 6500,
        "min_mireds": 153,
        "max_mireds": 500,
        "supported_color_modes": ["color_temp", "xy"],
    }
    assert shown == {
        "color_mode": "color_temp",
        "brightness": 200,
        "color_temp_kelvin": 2700,
        "color_temp": 370,
        "hs_color": (28.395, 65.723),
        "rgb_color": (255, 167, 87),
        "xy_color": (0.525, 0.388),
    }


def test_a_light_that_is_off_shows_its_attributes_empty() -> None:
    capabilities = light_capabilities({ColorMode.RGBW}, effects=["rainbow"])
    shown = light_attributes(capabilities, LightFeature.EFFECT, on=False, color_mode=ColorMode.RGBW, color=(1, 2, 3, 4))
    assert capabilities == {"effect_list": ["rainbow"], "supported_color_modes": ["rgbw"]}
    expected = ("effect", "color_mode", "brightness", "hs_color", "rgb_color", "xy_color", "rgbw_color")
    assert shown == dict.fromkeys(expected)


def test_a_light_without_brightness_shows_its_mode_alone() -> None:
    capabilities = light_capabilities({ColorMode.ONOFF})
    assert light_attributes(capabilities, 0, on=True, color_mode=ColorMode.ONOFF) == {"color_mode": "onoff"}
