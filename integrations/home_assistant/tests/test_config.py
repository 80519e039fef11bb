from __future__ import annotations

from typing import Any

import pytest

from hearth_home_assistant.config import EXCLUDE, FORM, SCHEMA, Settings
from hearth_home_assistant.integration import from_service
from hub import FoundService, InvalidInput, schema

TOKEN = {"token": "abc"}


@pytest.mark.parametrize(
    ("typed", "url", "exposed"),
    [
        ("http://homeassistant.local:8123", "http://homeassistant.local:8123", True),
        ("http://homeassistant.local:8123/lovelace/0?x=1", "http://homeassistant.local:8123", True),
        ("homeassistant.local", "http://homeassistant.local:8123", True),
        ("192.168.1.5:9000", "http://192.168.1.5:9000", True),
        ("https://home.example", "https://home.example", False),
        (" http://localhost:8123 ", "http://localhost:8123", False),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123", False),
    ],
)
def test_an_address_is_understood_as_people_write_it(typed: str, url: str, exposed: bool) -> None:
    settings = Settings.parse({"url": typed, **TOKEN})
    assert (str(settings.url).rstrip("/"), settings.is_exposed) == (url, exposed)


@pytest.mark.parametrize(
    ("data", "key", "expected"),
    [
        ({"url": "ftp://x"}, "url", "expected an address"),
        ({"url": ""}, "url", "required"),
        ({"url": "http://x", "token": "  "}, "token", "expected a long-lived access token"),
        ({"url": "http://x", "token": "é"}, "token", "expected a long-lived access token"),
        ({"url": "http://x", "events": ["state_changed"]}, "events", "it belongs to the hub itself"),
        ({"url": "http://x", "events": "zha_event, *"}, "events", "it belongs to the hub itself"),
        ({"url": "http://x", "include": [1]}, "include", "expected a list of texts"),
        ({"url": "http://x", "patience": -1}, "patience", "at least 0"),
    ],
)
def test_what_is_wrong_is_named(data: dict[str, Any], key: str, expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected) as refused:
        Settings.parse({**TOKEN, **data})
    assert refused.value.path[0] == key


def test_lists_are_written_as_lists_or_with_commas() -> None:
    settings = Settings.parse({"url": "http://x", **TOKEN, "exclude": "light.a, light.b", "events": ["zha_event"]})
    assert (settings.include, settings.exclude, settings.events) == (("*",), ("light.a", "light.b"), ("zha_event",))
    assert Settings.parse({"url": "http://x", **TOKEN, "exclude": ""}).exclude == EXCLUDE


def test_the_token_is_in_no_description_of_the_settings() -> None:
    assert "abc" not in repr(Settings.parse({"url": "http://x", **TOKEN}))


def test_what_the_form_takes_is_a_configuration() -> None:
    SCHEMA(schema(FORM)({"url": "http://x", **TOKEN}))


def found(**properties: str) -> FoundService:
    return FoundService(
        type="_home-assistant._tcp.local.",
        name="Home._home-assistant._tcp.local.",
        host="192.168.1.5",
        addresses=("192.168.1.5",),
        port=8123,
        properties=properties,
    )


def test_what_announces_itself_is_offered_and_only_the_token_is_left_to_ask() -> None:
    device = from_service(found(uuid="u1", location_name="Home", internal_url="http://10.0.0.1:8123"))
    assert device is not None
    assert (device.unique_id, device.title, device.data["url"]) == ("u1", "Home", "http://192.168.1.5:8123")
    assert [field.name for field in FORM if field.name not in device.data] == ["token"]
    SCHEMA({**device.data, **TOKEN})


def test_with_tls_the_announced_name_is_used() -> None:
    device = from_service(found(uuid="u1", internal_url="https://home.example:8123"))
    assert device is not None
    assert device.data["url"] == "https://home.example:8123"


def test_an_announcement_without_identity_is_passed_over() -> None:
    assert from_service(found(location_name="Home")) is None
