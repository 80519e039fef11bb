from __future__ import annotations

import pytest
import voluptuous as vol

from hub.config.validation import checked
from hub.config.yaml import load_text
from hub.errors import ConfigError

SCHEMA = vol.Schema({vol.Required("port"): vol.All(int, vol.Range(min=0)), vol.Optional("hosts"): [str]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "prot: 1\nport: 2\n",
            r"Expected one of the keys port, hosts in a listener, got 'prot': did you mean 'port'\? \(l.yaml:1\)",
        ),
        ("port: 1\nxyz: 2\n", r"got 'xyz': remove it \(l.yaml:2\)"),
        ("hosts: []\n", r"Expected the key 'port' in a listener: add it \(l.yaml:1\)"),
        ("port: x\n", r"Expected int, for 'port' of a listener \(l.yaml:1\)"),
        ("port: -1\n", r"Expected something else: value must be at least 0, for 'port' of a listener \(l.yaml:1\)"),
        ("port: 1\nhosts:\n  - a\n  - 5\n", r"Expected str, for '1' of a listener \(l.yaml:4\)"),
    ],
)
def test_what_a_schema_refuses_is_said_with_place_and_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked(SCHEMA, load_text(text, "l.yaml"), "a listener")


def test_what_a_schema_accepts_comes_in_its_form() -> None:
    assert checked(SCHEMA, {"port": 1}, "a listener") == {"port": 1}
