"""What the three schemas of lights share: their keys, facts and how these show.

The facts are ``on``, ``mode``, ``brightness``, ``effect``, and the last colour of each mode under the mode's name: kelvin
for ``color_temp``, (hue, saturation) for ``hs`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import boolean, keyed, listed, string, whole
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import ON_OFF, Act, Model, Show
from hub import ColorMode, LightFeature, light_attributes, light_capabilities, mired_to_kelvin, normalise_light

COLORED = (ColorMode.HS, ColorMode.XY, ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW)

LIGHT_KEYS: Mapping[Any, Any] = {
    vol.Optional("color_temp_kelvin", default=False): boolean,
    **keyed(
        {
            "effect_list": vol.All(listed, [string]),
            "max_kelvin": whole(),
            "max_mireds": whole(),
            "min_kelvin": whole(),
            "min_mireds": whole(),
            "schema": string,
        }
    ),
}

OWN_ATTRIBUTES = frozenset(
    [
        "brightness",
        "color_mode",
        "color_temp",
        "color_temp_kelvin",
        "effect",
        "effect_list",
        "hs_color",
        "max_color_temp_kelvin",
        "max_mireds",
        "min_color_temp_kelvin",
        "min_mireds",
        "rgb_color",
        "rgbw_color",
        "rgbww_color",
        "supported_color_modes",
        "xy_color",
    ]
)


def capabilities_of(config: Mapping[str, Any], modes: Iterable[ColorMode], features: int) -> dict[str, Any]:
    """Return the static attributes."""
    low = mired_to_kelvin(config["max_mireds"]) if config.get("max_mireds") else config.get("min_kelvin")
    high = mired_to_kelvin(config["min_mireds"]) if config.get("min_mireds") else config.get("max_kelvin")
    limits: dict[str, Any] = {"min_kelvin": low, "max_kelvin": high}
    shown = light_capabilities(modes, **{key: value for key, value in limits.items() if value is not None})
    return {"effect_list": config.get("effect_list"), **shown} if features & LightFeature.EFFECT else shown


def initial_facts(modes: Iterable[ColorMode]) -> dict[str, Any]:
    """Return what is known at first: nothing but the mode of a light that has one only."""
    modes = list(modes)
    facts = dict.fromkeys(("on", "brightness", "effect", *(mode.value for mode in (ColorMode.COLOR_TEMP, *COLORED))))
    return {**facts, "mode": modes[0] if len(modes) == 1 else ColorMode.UNKNOWN}


def shows(capabilities: Mapping[str, Any], features: int) -> Show:
    """Return what shows a light's facts."""

    def show(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
        mode = ColorMode(facts["mode"])
        attributes = light_attributes(
            capabilities,
            features,
            on=bool(facts["on"]),
            color_mode=mode,
            brightness=facts["brightness"],
            color=facts.get(mode.value),
            effect=facts["effect"],
        )
        return ON_OFF[facts["on"]], attributes

    return show


def light_model(
    declaration: Declaration, modes: Iterable[ColorMode], features: int, turn_on: Act, turn_off: Act, **more: Any
) -> Model:
    """Return the model of a light.

    ``turn_on`` gets data in the terms of the light; what comes to brightness 0 goes to ``turn_off``.
    """
    modes = list(modes)
    capabilities = capabilities_of(declaration.config, modes, features)

    def on(data: Mapping[str, Any], facts: Facts) -> Effect:
        known = {
            **capabilities,
            "supported_features": features,
            "brightness": facts["brightness"] if facts["on"] else None,
        }
        wanted = normalise_light(data, known)
        return turn_off(data, facts) if wanted.get("brightness") == 0 else turn_on(wanted, facts)

    return Model(
        show=shows(capabilities, features),
        actions={
            "turn_on": on,
            "turn_off": turn_off,
            "toggle": lambda data, facts: (turn_off if facts["on"] else on)(data, facts),
        },
        initial=initial_facts(modes),
        features=features,
        capabilities=capabilities,
        **more,
    )
