"""What the device's lines mean."""

from __future__ import annotations

import pytest

from hearth_blank_device.codec import command, entities, parse, report
from hub import DOMAINS, DeviceRefused, EntityCall, Report


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"temperature 21.5\n", Report(unique_id="s-temperature", state="21.5")),
        (b"relay on\r\n", Report(unique_id="s-relay", state="on")),
        (b"temperature warm\n", None),
        (b"relay perhaps\n", None),
        (b"\xff\xfe\n", None),
        (b"\n", None),
    ],
)
def test_a_line_becomes_a_report_or_nothing(line: bytes, expected: Report | None) -> None:
    assert report("s", *parse(line)) == expected


def test_every_entity_is_of_a_known_domain_and_has_an_id_of_its_own() -> None:
    described = entities("s")
    assert {entity.domain for entity in described} <= set(DOMAINS)
    assert len({entity.unique_id for entity in described}) == len(described)


def test_actions_become_lines_and_others_are_refused() -> None:
    assert command(EntityCall(action="switch.turn_on")) == b"relay on\n"
    with pytest.raises(DeviceRefused, match=r"got light\.turn_on"):
        command(EntityCall(action="light.turn_on"))
