"""What a node becomes, from the server's words and the user's."""

from __future__ import annotations

from typing import Any

import pytest

from hearth_opcua.config import NodeSettings
from hearth_opcua.items import Facts, Item, Type, Unsuitable, combine


def facts(kind: str, **options: Any) -> Facts:
    return Facts(node="ns=1;s=It", name="It", type=Type(kind), **{"writable": True, **options})


def made(about: Facts, **wanted: Any) -> Item:
    return combine(about, NodeSettings(node=about.node, **wanted))


RANGE = {"low": 0.0, "high": 10.0}
DOMAINS: list[tuple[Facts, dict[str, Any], str]] = [
    (facts("Boolean"), {}, "binary_sensor"),
    (facts("Boolean"), {"writable": True}, "switch"),
    (facts("Double", **RANGE), {}, "sensor"),
    (facts("Double", **RANGE), {"writable": True}, "number"),
    (facts("Int32", options={0: "a"}), {}, "sensor"),
    (facts("Int32", options={0: "a"}), {"writable": True}, "select"),
    (facts("String"), {}, "sensor"),
    (facts("LocalizedText"), {"writable": True}, "text"),
    (facts("DateTime"), {"writable": True}, "sensor"),
    (facts("Method"), {}, "button"),
    (facts("Boolean"), {"domain": "button"}, "button"),
    (facts("UInt16"), {"domain": "switch"}, "switch"),
]


@pytest.mark.parametrize(("about", "wanted", "domain"), DOMAINS)
def test_the_domain_follows_from_the_type(about: Facts, wanted: dict[str, Any], domain: str) -> None:
    assert made(about, **wanted).domain == domain


REFUSED: list[tuple[Facts, dict[str, Any], str]] = [
    (facts("Double", writable=False, **RANGE), {"writable": True}, "does not let this user write"),
    (facts("Double"), {"writable": True}, "a min and a max"),
    (facts("Double", low=0.0, high=0.0), {"writable": True, "min": 1}, "a min and a max"),
    (facts("String"), {"domain": "number"}, "a node that can be a number, got one of type String"),
    (facts("Int32"), {"domain": "select"}, "expected options"),
    (Facts(node="a", name="a", wrong="it holds a list of values"), {}, "a list of values"),
    (Facts(node="a", name="a"), {}, "nothing that an entity could show"),
]


@pytest.mark.parametrize(("about", "wanted", "message"), REFUSED)
def test_what_cannot_be_is_said(about: Facts, wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(Unsuitable, match=message):
        made(about, **wanted)


def test_the_unit_tells_what_is_measured_unless_the_user_does() -> None:
    assert made(facts("Double", unit="°C")).device_class == "temperature"
    assert made(facts("Double", unit="kWh")).state_class == "total_increasing"
    assert made(facts("Double", unit="%"), device_class="humidity").device_class == "humidity"
    assert made(facts("Double")).state_class is None
    assert made(facts("Int32", unit="V", options={0: "a"})).device_class == "enum"
    assert made(facts("DateTime")).device_class == "timestamp"


def test_limits_are_the_users_or_the_servers_scaled() -> None:
    scaled = made(facts("Int16", low=-100.0, high=200.0), writable=True, scale=-0.1)
    assert (scaled.min, scaled.max) == (-20, 10)
    own = made(facts("Int16", **RANGE), writable=True, min=2.0)
    assert (own.min, own.max) == (2, 10)
