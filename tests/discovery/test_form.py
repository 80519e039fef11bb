from __future__ import annotations

from typing import Any

import pytest

from hub.core.fields import Field
from hub.discovery.form import check, data_schema
from hub.discovery.titles import clean_title


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (
            Field(name="host", selector={"text": {}}, required=True, description="Its address"),
            {"type": "string", "required": True, "label": "Host", "description": "Its address"},
        ),
        (
            Field(name="api_key", selector={"text": {"type": "password"}}, label="API key"),
            {"type": "string", "required": False, "label": "API key", "secret": True},
        ),
        (
            Field(name="port", selector={"number": {"min": 1}}, default=80),
            {"type": "integer", "required": False, "label": "Port", "default": 80},
        ),
        (
            Field(name="offset", selector={"number": {"step": 0.1}}),
            {"type": "float", "required": False, "label": "Offset"},
        ),
        (
            Field(name="tls", selector={"boolean": {}}, default=False),
            {"type": "boolean", "required": False, "label": "Tls", "default": False},
        ),
        (
            Field(name="mode", selector={"select": {"options": ["fast", {"value": "slow", "label": "Slowly"}]}}),
            {"type": "select", "required": False, "label": "Mode", "options": [["fast", "fast"], ["slow", "Slowly"]]},
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Field) else "",
)
def test_a_field_is_shown_as_home_assistant_shows_it(field: Field, shown: dict[str, Any]) -> None:
    assert data_schema([field], {}) == [{"name": field.name, "selector": field.selector, **shown}]


def test_values_come_back_in_their_canonical_form() -> None:
    fields = [
        Field(name="port", selector={"number": {"min": 1}}, required=True),
        Field(name="tls", selector={"boolean": {}}, default=True),
        Field(name="note", selector={"text": {}}),
    ]
    assert check(fields, {"port": "80", "tls": "off", "note": ""}) == ({"port": 80, "tls": False}, {})
    assert check(fields, {"port": 80}) == ({"port": 80, "tls": True}, {})


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Lamp", "Lamp"),
        ("  Lamp \n\t two ", "Lamp two"),
        ("\x00\x1b]0;owned\x07", "]0;owned"),
        ("\u202eevil", "evil"),
        ("客厅的灯", "客厅的灯"),
        ("Lamp 💡", "Lamp 💡"),
        ("\u200b\u200d\x7f", "fallback"),
        ("", "fallback"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_a_title_is_cut_and_cleaned(title: str, shown: str) -> None:
    assert clean_title(title, "fallback") == shown
