"""What Hearth's own integrations have in common: their dialogs are known beforehand and speak the dashboard's languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.interfaces import Integration
from hub.core.fields import Field
from hub.plugins.manager import Plugins

BUNDLED = sorted(
    folder.name for folder in Path(__file__).parents[2].joinpath("integrations").glob("[!_]*") if folder.is_dir()
)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins()


def load(plugins: Plugins, name: str) -> Integration:
    integration = plugins.load(name)
    assert integration is not None, plugins.get(name).reason
    return integration


@pytest.mark.parametrize("name", BUNDLED)
def test_the_manifest_says_whether_there_is_a_dialog(plugins: Plugins, name: str) -> None:
    integration = load(plugins, name)
    assert integration.manifest.config_flow == bool(integration.form)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_word_of_a_dialog_is_there_in_chinese(plugins: Plugins, name: str) -> None:
    integration = load(plugins, name)
    words = integration.manifest.translations["zh-Hans"].get("form", {})
    assert set(words) == {field.name for field in integration.form}
    for field in integration.form:
        said = words[field.name]
        assert "label" in said, field.name
        assert "description" in said or not field.description, field.name
        assert labelled(field) <= set(said.get("options", ())), field.name


def labelled(field: Field) -> set[str]:
    """The options whose labels are words: a name such as TCP is the same in every language."""
    options = field.selector.get("select", {}).get("options", ())
    return {option["value"] for option in options if isinstance(option, dict) and not option["label"].isupper()}
