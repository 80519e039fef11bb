"""The page is true: its settings are accepted, its commands exist, its automation runs in test_in_a_hub.py."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearth_xmpp.config import OPTIONS, Settings
from hearth_xmpp.integration import SEND_MESSAGE

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PLAIN = TEXT.replace("!secret ", "")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PLAIN, re.DOTALL)


DOCUMENTS: list[dict[str, Any]] = [yaml.safe_load(block) for block in blocks("yaml")]


@pytest.mark.parametrize("data", [each["integrations"]["xmpp"] for each in DOCUMENTS if "integrations" in each])
def test_its_configurations_are_accepted(data: dict[str, Any]) -> None:
    assert Settings.parse(data).jid == data["jid"]


def test_its_table_names_every_option() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT[TEXT.index("| option") : TEXT.index("## Who may talk")]))
    assert {str(key) for key in OPTIONS} <= named


def test_its_action_is_accepted() -> None:
    (automation,) = [each for each in DOCUMENTS if "triggers" in each]
    SEND_MESSAGE.validate({**automation["actions"][1]["data"], "to": "ada@example.org"})


def test_slixmpp_is_loaded_where_it_is_used_only() -> None:
    program = "import sys, hearth_xmpp; hearth_xmpp.register_integrations(); sys.exit('slixmpp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
