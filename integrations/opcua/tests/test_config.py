"""What may be written into the settings, and what is said of the rest; the page about them is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearth_opcua.config import NODE_OPTIONS, OBJECTS, OPTIONS, Settings
from hearth_opcua.identity import load_identity, make_identity
from hub import InvalidInput
from integrations.opcua.tests.conftest import NODES

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
URL = "opc.tcp://plc.lan:4841/server"


def test_settings_are_what_was_written() -> None:
    settings = Settings.parse({"url": URL, "username": "", "nodes": NODES})
    assert (settings.address, settings.is_exposed, settings.username) == ("plc.lan:4841/server", True, None)
    assert settings.browse == ()
    assert Settings.parse({"url": "opc.tcp://plc.lan"}).browse == (OBJECTS,)
    assert Settings.parse({"url": "opc.tcp://plc.lan/"}).url == "opc.tcp://plc.lan:4840/"
    assert not Settings.parse({"url": "opc.tcp://127.0.0.1"}).is_exposed
    assert not Settings.parse({"url": URL, "security": "sign_and_encrypt"}).is_exposed


def test_settings_are_the_same_after_json() -> None:
    data = {"url": URL, "nodes": [{"node": "i=99", "options": {0: "a", 1: "b"}}]}
    assert Settings.parse(json.loads(json.dumps(data))) == Settings.parse(data)


def test_the_password_is_in_no_message() -> None:
    settings = Settings.parse({"url": URL, "username": "hearth", "password": 1234})
    assert settings.password == "1234"
    assert "1234" not in repr(settings)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"url": "http://plc.lan"}, "an address such as opc.tcp", "url"),
    ({"url": "opc.tcp://ada:secret@plc.lan"}, "an address such as opc.tcp", "url"),
    ({"url": URL, "password": "x"}, "a username with the password", "username"),
    ({"url": URL, "certificate": "x"}, "its private_key", "private_key"),
    ({"url": URL, "fingerprint": "12:34"}, "64 hexadecimal digits", "fingerprint"),
    ({"url": URL, "browse": "Boiler"}, "a node id such as", "browse"),
    ({"url": URL, "nodes": [{"node": "i=1"}, {"node": "i=1"}]}, "each node once", "nodes"),
    ({"url": URL, "nodes": [{"node": "i=1", "scale": 0}]}, "a scale that is not 0", "nodes"),
    ({"url": URL, "nodes": [{"node": "i=1", "min": 5, "max": 1}]}, "a min below the max", "nodes"),
    ({"url": URL, "nodes": [{"node": "i=1", "options": {0: "a", 1: "a"}}]}, "different names", "nodes"),
    ({"url": URL, "securty": "none"}, "extra keys not allowed", "securty"),
]


@pytest.mark.parametrize(("data", "message", "path"), WRONG)
def test_wrong_settings_are_refused_in_words(data: dict[str, Any], message: str, path: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        Settings.parse(data)
    assert refused.value.path[0] == path


def test_the_page_has_a_configuration_that_is_accepted() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    document = yaml.safe_load(text.replace("!secret ", ""))
    assert len(Settings.parse(document["integrations"]["opcua"]).nodes) == 4


def test_the_page_names_every_option() -> None:
    settings, nodes = TEXT.split("| option of a node")
    assert {str(key) for key in OPTIONS} <= set(re.findall(r"`(\w+)`", settings))
    assert {str(key) for key in NODE_OPTIONS} <= set(re.findall(r"`(\w+)`", nodes))


def test_asyncua_is_loaded_where_it_is_used_only() -> None:
    program = "import sys, hearth_opcua; hearth_opcua.register_integrations(); sys.exit('asyncua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_identity_that_was_kept_is_the_same() -> None:
    made = make_identity()
    assert load_identity(made.certificate, made.private_key) == made
    assert "PRIVATE" not in repr(made)
    with pytest.raises(InvalidInput, match="Expected a certificate"):
        load_identity("none", "none")
