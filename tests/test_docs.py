"""The documentation is true: its examples run, its commands exist, its links lead somewhere."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hub.app import Hub
from hub.cli.docs import outdated
from hub.cli.main import parser
from hub.config.settings import Settings, load_settings
from hub.core.actions import Action, Target
from hub.core.callers import SYSTEM
from hub.core.context import Context
from hub.plugins.hookspecs import Hooks
from hub.testing import running_hub

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a language in a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def my_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the example of the page on integrations as the page says."""
    page = ROOT / "docs" / "integrations.md"
    package, about = tmp_path / "my_thing", tmp_path / "my_thing-1.0.0.dist-info"
    package.mkdir()
    about.mkdir()
    (package / "__init__.py").write_text(blocks(page, "python")[0])
    (package / "manifest.json").write_text(blocks(page, "json")[0])
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-thing\nVersion: 1.0.0\n")
    (about / "entry_points.txt").write_text("[hearth.integrations]\nmy_thing = my_thing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("my_thing", None)


@pytest.mark.usefixtures("my_thing")
async def test_the_integration_on_the_page_works_in_a_hub(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "home", integrations={"my_thing": [{}]}) as home:
        states = home.hub.states
        await home.until(lambda: states.get("light.my_lamp") is not None)
        action = Action(name="light.turn_on", target=Target(entity_id=("light.my_lamp",)))
        result = await home.hub.actions.call(action, context=Context(), caller=SYSTEM)
        assert result.ok
        assert states.get("light.my_lamp").state == "on"  # type: ignore[union-attr]


def test_the_settings_on_the_page_are_all_understood(tmp_path: Path) -> None:
    (tmp_path / "hearth.yaml").write_text(blocks(ROOT / "docs" / "configuration.md", "yaml")[0])
    (tmp_path / "secrets.yaml").write_text("mqtt_sensor: x\n")
    settings = load_settings(tmp_path)
    assert settings.problems == ()
    assert settings.port == 8123


def test_the_automations_on_the_page_can_be_loaded(tmp_path: Path) -> None:
    first, second = blocks(ROOT / "docs" / "automations.md", "yaml")
    agent = {"alias": "Agent", "triggers": [{"trigger": "state", "entity_id": "text.panel"}], **yaml.safe_load(second)}
    (tmp_path / "automations").mkdir()
    (tmp_path / "automations" / "one.yaml").write_text(first)
    (tmp_path / "automations" / "two.yaml").write_text(yaml.safe_dump(agent))
    automations = Hub(tmp_path, Settings()).automations
    automations.load()
    assert [(record.status, record.reason) for record in automations.records()] == [("loaded", None)] * 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_on_a_page_are_understood(page: Path) -> None:
    for block in blocks(page, "sh"):
        for command in re.findall(r"hearth ((?:run|check|token|integration|chat|certificate)[^\n|)]*)", block):
            options = parser().parse_args(shlex.split(command, comments=True))
            assert callable(options.command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_on_a_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_every_hook_is_documented_with_what_it_returns() -> None:
    reference = (ROOT / "docs" / "reference" / "hooks.md").read_text()
    for name, hook in inspect.getmembers(Hooks, inspect.isfunction):
        assert inspect.getdoc(hook)
        assert f"## {name}" in reference


def test_the_reference_is_up_to_date() -> None:
    assert outdated() == [], "run python -m hub.cli.docs"


def test_the_manifest_on_the_page_is_json() -> None:
    assert json.loads(blocks(ROOT / "docs" / "integrations.md", "json")[0])["domain"] == "my_thing"
