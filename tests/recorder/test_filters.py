from __future__ import annotations

from typing import Any

import pytest

from hub.errors import InvalidInput
from hub.recorder import RecorderSettings

LIGHT, SENSOR, NOISE, TV = "light.hall", "sensor.hall", "sensor.hall_noise", "media_player.tv"
ALL = {LIGHT, SENSOR, NOISE, TV}


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, ALL),
        ({"include": None}, ALL),
        ({"include": {"domains": ["sensor"]}}, {SENSOR, NOISE}),
        ({"include": {"entities": [LIGHT]}}, {LIGHT}),
        ({"include": {"entity_globs": ["*.hall*"]}}, {LIGHT, SENSOR, NOISE}),
        ({"exclude": {"domains": ["sensor"]}}, {LIGHT, TV}),
        ({"exclude": {"entities": [LIGHT]}}, {SENSOR, NOISE, TV}),
        ({"exclude": {"entity_globs": ["*_noise"]}}, {LIGHT, SENSOR, TV}),
        ({"include": {"domains": ["sensor"]}, "exclude": {"entity_globs": ["*_noise"]}}, {SENSOR}),
        ({"include": {"domains": ["sensor"]}, "exclude": {"entities": [SENSOR]}}, {NOISE}),
        ({"include": {"entities": [NOISE]}, "exclude": {"domains": ["sensor"]}}, {LIGHT, NOISE, TV}),
        ({"include": {"entity_globs": ["*_noise"]}, "exclude": {"domains": ["sensor"]}}, {NOISE}),
        ({"include": {"entities": [LIGHT]}, "exclude": {"entities": [SENSOR]}}, {LIGHT}),
        ({"include": {"domains": ["sensor"], "entities": [LIGHT]}}, {LIGHT, SENSOR, NOISE}),
    ],
)
def test_filters_decide_as_home_assistant_does(settings: dict[str, Any], wanted: set[str]) -> None:
    accepts = RecorderSettings.parse(settings).wanted
    assert {entity_id for entity_id in ALL if accepts(entity_id)} == wanted


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep_days": 0}, "at least 1"),
        ({"commit_interval": "often"}, "expected float"),
        ({"keep_dayz": 3}, "extra keys not allowed"),
        ({"include": {"domains": [1]}}, "include"),
    ],
)
def test_wrong_settings_are_refused_with_their_place(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        RecorderSettings.parse(settings)
    assert caught.value.path[0] == "recorder"
