from __future__ import annotations

from typing import Any

import pytest

from hub.core.redaction import redacted

HIDDEN = "**REDACTED**"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "mqtt_password",
        "Access_Token",
        "api_key",
        "apikey",
        "client-secret",
        "code",
        "pin",
        "alarm_pin",
        "Authorization",
    ],
)
def test_values_with_secret_names_are_hidden(name: str) -> None:
    assert redacted({"outer": [{name: "canary"}]}) == {"outer": [{name: HIDDEN}]}


@pytest.mark.parametrize(
    "value",
    [
        {"brightness": 3, "color_code": 7, "prompt_tokens": 12, "status_code": 200, "encoding": "x", "spinning": True},
        {"password": None},
        {"url": "http://host/path?x=1", "text": "a // b @ c"},
        ["plain", 1, 2.5, None, True],
    ],
)
def test_everything_else_stays(value: Any) -> None:
    assert redacted(value) == value


def test_passwords_in_addresses_are_hidden() -> None:
    assert (
        redacted("see mqtt://me:canary@host:1883/ and http://host")
        == f"see mqtt://me:{HIDDEN}@host:1883/ and http://host"
    )


def test_the_original_is_left_alone() -> None:
    data = {"code": "1234", "list": [{"token": "x"}]}
    redacted(data)
    assert data == {"code": "1234", "list": [{"token": "x"}]}
