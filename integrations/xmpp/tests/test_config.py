from __future__ import annotations

from typing import Any

import pytest

from hearth_xmpp.config import FORM, OPTIONS, Room, Settings
from hub import InvalidInput

ACCOUNT = {"jid": "hearth@example.org", "password": "secret"}


def test_an_account_alone_is_enough() -> None:
    settings = Settings.parse(ACCOUNT)
    assert settings == Settings(jid="hearth@example.org", password="secret")
    assert (settings.server, settings.port) == ("example.org", 5222)


def test_everything_can_be_said_in_yaml() -> None:
    settings = Settings.parse(
        {
            **ACCOUNT,
            "jid": " Hearth@Example.org ",
            "password": 1234,
            "host": "10.0.0.2",
            "direct_tls": True,
            "recipients": ["ada@example.org", "Bob@example.org"],
            "contacts": ["family.example", "eve@example.org"],
            "rooms": ["home@rooms.example.org", {"room": "den@rooms.example.org", "password": "x"}],
        }
    )
    assert (settings.jid, settings.password, settings.port) == ("hearth@example.org", "1234", 5223)
    assert settings.recipients == ("ada@example.org", "bob@example.org")
    assert settings.contacts == {"family.example", "eve@example.org"}
    assert settings.rooms == (
        Room(address="home@rooms.example.org"),
        Room(address="den@rooms.example.org", password="x"),
    )
    assert settings.is_room("den@rooms.example.org")


def test_a_form_may_send_lists_as_text_and_leave_fields_empty() -> None:
    empty = {field.name: "" for field in FORM if not field.required and field.name not in ("direct_tls", "port")}
    settings = Settings.parse({**ACCOUNT, **empty, "port": None, "recipients": "ada@example.org, bob@example.org,"})
    assert settings.recipients == ("ada@example.org", "bob@example.org")
    assert {field.name for field in FORM} <= {str(key) for key in OPTIONS}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"jid": "hearth"}, ("jid",)),
        ({"jid": "hearth@example.org/phone"}, ("jid",)),
        ({"password": True}, ("password",)),
        ({"port": 5222}, ("host",)),
        ({"direct_tls": True}, ("host",)),
        ({"host": "a", "port": 0}, ("port",)),
        ({"recipients": ["ada"]}, ("recipients", "0")),
        ({"contacts": ["a b"]}, ("contacts", "0")),
        ({"rooms": [{"password": "x"}]}, ("rooms", "0", "room")),
        ({"rooms": 7}, ("rooms",)),
        ({"unknown": 1}, ("unknown",)),
    ],
)
def test_what_is_wrong_is_named(data: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as caught:
        Settings.parse({**ACCOUNT, **data})
    assert caught.value.path == path


def test_no_password_is_shown() -> None:
    shown = repr(Settings.parse({**ACCOUNT, "rooms": [{"room": "a@b", "password": "room secret"}]}))
    assert "secret" not in shown
