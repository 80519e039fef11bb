from __future__ import annotations

from dataclasses import replace

import pytest

from hearth_home_assistant.choice import Choice, LeftOut
from hearth_home_assistant.registry import DeviceRow, EntityRow

ROW = EntityRow(id="1", entity_id="light.a", unique_id="u", platform="hue")
CHOICE = Choice({"light", "sensor"}, ["*"], ["light.hidden_*"])


@pytest.mark.parametrize(
    ("include", "exclude", "entity_id", "reason"),
    [
        (["*"], [], "light.a", None),
        (["*"], ["light.*"], "light.a", LeftOut.FILTERED),
        (["sensor.*"], [], "light.a", LeftOut.FILTERED),
        ([], [], "light.a", LeftOut.FILTERED),
        (["light.?", "sensor.*"], ["sensor.[ab]*"], "sensor.cellar", None),
        (["*"], [], "stt.a", LeftOut.UNKNOWN_DOMAIN),
        (["light.*"], [], "stt.a", LeftOut.FILTERED),
    ],
)
def test_globs_choose(include: list[str], exclude: list[str], entity_id: str, reason: LeftOut | None) -> None:
    assert Choice({"light", "sensor"}, include, exclude).by_id(entity_id) == reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW, None),
        (replace(ROW, disabled_by="user"), LeftOut.DISABLED),
        (replace(ROW, hidden_by="integration"), LeftOut.HIDDEN),
        (replace(ROW, platform="home_assistant"), LeftOut.OURS),
        (replace(ROW, platform="mqtt"), None),
        (replace(ROW, platform="mqtt", unique_id="hearth:1"), LeftOut.OURS),
    ],
)
def test_what_is_disabled_hidden_or_from_a_hearth_stays(row: EntityRow, reason: LeftOut | None) -> None:
    assert CHOICE.reason("light.a", row, None) == reason


def test_a_device_that_a_hearth_announced_stays() -> None:
    ours, other = (DeviceRow(id="d", identifiers=(f"mqtt:{name}",)) for name in ("hearth:1", "zigbee2mqtt_0x1"))
    row = replace(ROW, platform="mqtt")
    assert CHOICE.reason("light.a", row, ours) is LeftOut.OURS
    assert CHOICE.reason("light.a", row, other) is None
