from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_mqtt.bus import Received
from hearth_mqtt.discovery.command_template import command_writer
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.value_template import plain_path, value_reader
from hub import TemplateError
from hub.testing import MemoryHome

HOST = MemoryHome("mqtt").host

KEYS = st.sampled_from(["x", "y", "state", "items", "keys", "update", "a b", "_private", "Zähler", "0"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


def read(template: str | None, payload: bytes, encoding: str = "utf-8") -> str | None:
    reader = value_reader(template, encoding, HOST.render, lambda: {"name": "Lamp"})
    return reader(Incoming(Received("a/b", payload), 0.0))


def through_jinja(template: str, payload: bytes) -> str | None:
    """Return what the template alone makes of a message, without our shortcut."""
    variables: dict[str, Any] = {"name": "Lamp", "value": payload.decode()}
    variables["value_json"] = json.loads(payload)
    try:
        return HOST.render(template, variables).strip()
    except TemplateError:
        return None


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{{ value_json.x }}", ("x",)),
        ("{{value_json['x'].y}}", ("x", "y")),
        ('{{ value_json["a b"] }}', ("a b",)),
        ("{{ value_json.x }}\n", ("x",)),
        ("{{ value_json.items }}", None),
        ("{{ value_json['keys'] }}", None),
        ("{{ value_json._x }}", None),
        ("{{ value_json.x | round }}", None),
        ("{{ value_json[0] }}", None),
        ("{{ value_json.x }} W", None),
        ("{{ value }}", None),
        ("x", None),
    ],
)
def test_only_plain_paths_are_read_without_jinja(template: str, path: tuple[str, ...] | None) -> None:
    assert plain_path(template) == path


PLAIN = [
    "{{ value_json.x }}",
    "{{ value_json['a b'] }}",
    "{{ value_json.Zähler }}",
    '{{ value_json["_private"] }}',
    "{{ value_json.x.y }}",
    "{{ value_json['x']['0'].state }}",
    "{{ value_json.update.x }}",
]


@pytest.mark.parametrize("template", PLAIN)
@given(document=VALUES)
def test_the_shortcut_gives_what_jinja_gives(template: str, document: Any) -> None:
    payload = json.dumps(document).encode()
    assert read(template, payload) == through_jinja(template, payload)


@pytest.mark.parametrize(
    ("template", "payload", "expected"),
    [
        (None, b" 21.50", " 21.50"),
        ("{{ value_json.t }}", b'{"t": true}', "True"),
        ("{{ value_json.t }}", b'{"t": " a "}', "a"),
        ("{{ value_json.t }}", b"{}", ""),
        ("{{ value_json.t }}", b"no json", None),
        ("{{ value_json.t.u }}", b"{}", None),
        ("{{ value_json.t | default(3) }}", b"{}", "3"),
        ("{{ value | float * 2 }}", b"1.5", "3.0"),
        ("{{ value | float }}", b"warm", None),
        ("{{ name }}", b"", "Lamp"),
        ("always", b"", "always"),
        ("{{ '05' }}", b"", "05"),
    ],
)
def test_values_are_read_by_their_templates(template: str | None, payload: bytes, expected: str | None) -> None:
    assert read(template, payload) == expected


def test_a_payload_in_another_encoding_is_decoded() -> None:
    assert read(None, "Küche".encode("latin-1"), encoding="latin-1") == "Küche"
    assert read("{{ value }}", "Küche".encode("latin-1"), encoding="latin-1") == "Küche"


def test_a_payload_that_is_no_text_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert read(None, b"\xff\xfe") is None
    assert "Cannot read a message on a/b as utf-8" in caplog.text
    assert read("{{ value }}", b"\xff") is None
    assert read(None, b"x", encoding="klingon") is None


def test_a_message_is_parsed_once_for_all_who_read_it() -> None:
    incoming = Incoming(Received("a/b", b'{"x": [1]}'), 0.0)
    assert incoming.json is incoming.json
    assert incoming.text() is incoming.text()


@pytest.mark.parametrize(
    ("template", "value", "more", "expected"),
    [
        (None, 5, {}, "5"),
        (None, 21.5, {}, "21.5"),
        (None, "ON", {"code": None}, "ON"),
        ('{"brightness": {{ value }}}', 3, {}, '{"brightness": 3}'),
        ("{{ value }} {{ code }} {{ name }}", "LOCK", {"code": "1"}, "LOCK 1 Lamp"),
        ("{{ pack(value, '>B') if false else \"b'\\x07'\" }}", 1, {}, b"\x07"),
        ("b'not bytes", 1, {}, "b'not bytes"),
    ],
)
def test_commands_are_written_by_their_templates(
    template: str | None, value: Any, more: Any, expected: str | bytes
) -> None:
    assert command_writer(template, HOST.render, lambda: {"name": "Lamp"})(value, **more) == expected
