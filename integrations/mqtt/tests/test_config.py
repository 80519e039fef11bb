from __future__ import annotations

from typing import Any

import pytest

from hearth_mqtt.config import FORM, V311, Settings
from hub import InvalidInput, schema


def test_nothing_needs_to_be_configured() -> None:
    settings = Settings.parse({})
    assert settings.broker is None
    assert settings.discovery_prefix == "homeassistant"
    assert not settings.allow_anonymous


def test_users_of_the_endpoint_may_have_numbers_as_passwords() -> None:
    assert Settings.parse({"users": {"lamp": 1234}}).users == {"lamp": "1234"}


@pytest.mark.parametrize(("data", "port"), [({}, 1883), ({"tls": True}, 8883), ({"tls": True, "port": 1884}, 1884)])
def test_the_port_follows_from_tls(data: dict[str, Any], port: int) -> None:
    broker = Settings.parse({"host": "127.0.0.1", **data}).broker
    assert broker is not None
    assert (broker.port, broker.protocol) == (port, V311)


def test_discovery_can_be_switched_off_or_moved() -> None:
    assert Settings.parse({"discovery": False}).discovery_prefix is None
    assert Settings.parse({"discovery_prefix": "home/discovery/"}).discovery_prefix == "home/discovery"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_a_broker_on_this_machine_needs_no_tls(host: str) -> None:
    broker = Settings.parse({"host": host}).broker
    assert broker is not None
    assert not broker.is_exposed


def test_a_broker_elsewhere_without_tls_is_an_exception_to_be_stated() -> None:
    broker = Settings.parse({"host": "broker.lan", "allow_plaintext": True}).broker
    assert broker is not None
    assert broker.is_exposed


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ({"host": "broker.lan"}, ("tls",), "expected TLS"),
        ({"host": "localhost", "password": "x"}, ("username",), "expected a username"),
        ({"host": "localhost", "users": {"a": "b"}}, ("users",), "users only without host"),
        ({"host": "localhost", "port": 0}, ("port",), "value must be at least 1"),
        ({"host": "localhost", "protocol": "3"}, ("protocol",), "value must be one of"),
        ({"port": 1883}, ("host",), "expected a host with port"),
        ({"allow_plaintext": True}, ("host",), "expected a host with allow_plaintext"),
        ({"users": {"lamp": None}}, ("users", "lamp"), "expected some text"),
        ({"discovery_prefix": "a/#"}, ("discovery_prefix",), "without wildcards"),
        ({"hots": "localhost"}, ("hots",), "extra keys not allowed|not a valid option"),
    ],
)
def test_names_what_is_wrong(data: dict[str, Any], path: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        Settings.parse(data)
    assert caught.value.path == path


def test_what_the_form_sends_is_a_configuration() -> None:
    filled = schema(FORM)({"host": "localhost", "port": 1883, "username": "", "ca": ""})
    broker = Settings.parse(filled).broker
    assert broker is not None
    assert (broker.address, broker.username, broker.ca) == ("localhost:1883", None, None)


def test_passwords_do_not_show() -> None:
    settings = Settings.parse({"host": "localhost", "username": "ada", "password": "geheim"})
    assert "geheim" not in repr(settings)
    assert "geheim" not in repr(Settings.parse({"users": {"lamp": "geheim"}}))
