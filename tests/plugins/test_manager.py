from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.manifest import Manifest
from hub.errors import ManifestError, NotFound
from hub.plugins.manager import GROUP, Plugins
from hub.plugins.records import Status

MANIFEST: dict[str, Any] = {"domain": "toy", "name": "Toy", "version": "1.0", "api": [1, 1]}
GOOD = """
from pathlib import Path
from hub import Integration, Manifest, hook

@hook
def register_integrations():
    manifest = Manifest.parse((Path(__file__).parent / "manifest.json").read_bytes())
    return [Integration(manifest=manifest, make=lambda entry: None)]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("toy"):
            del sys.modules[name]


def install(site: Path, name: str, code: str, manifest: object = MANIFEST) -> EntryPoint:
    package = site / name
    package.mkdir()
    (package / "__init__.py").write_text(code)
    if manifest is not None:
        (package / "manifest.json").write_text(json.dumps(manifest))
    return EntryPoint(name=name, value=name, group=GROUP)


def test_an_integration_is_known_without_being_imported_and_loaded_when_asked(site: Path) -> None:
    plugins = Plugins([install(site, "toy_good", GOOD)])
    extension = plugins.get("toy_good")
    assert (extension.status, "toy_good" in sys.modules) == (Status.NOT_CONFIGURED, False)
    assert extension.manifest == Manifest(domain="toy", name="Toy", version="1.0", api=(1, 1))
    integration = plugins.load("toy_good")
    assert integration is not None
    assert plugins.load("toy_good") is integration
    assert extension.status is Status.LOADED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import a_module_that_is_not_there", "No module named 'a_module_that_is_not_there'"),
        ("def x(:", "SyntaxError"),
        ("", "Expected register_integrations of toy_bad to return the integration of its manifest"),
        (GOOD.replace("register_integrations", "register_integration"), "unknown hook 'register_integration'"),
    ],
)
def test_a_broken_integration_is_a_record_with_a_reason_and_the_others_work(site: Path, code: str, reason: str) -> None:
    plugins = Plugins([install(site, "toy_bad", code), install(site, "toy_fine", GOOD)])
    assert plugins.load("toy_bad") is None
    assert plugins.get("toy_bad").status is Status.BROKEN
    assert reason in (plugins.get("toy_bad").reason or "")
    assert plugins.load("toy_fine") is not None


def test_an_integration_for_another_api_is_not_loaded(site: Path) -> None:
    plugins = Plugins([install(site, "toy_new", GOOD, {**MANIFEST, "api": [7, 9]})])
    assert plugins.load("toy_new") is None
    assert (
        plugins.get("toy_new").reason == "Expected an integration for API 1 of the hub, got one for 7 to 9: update it"
    )
    assert "toy_new" not in sys.modules


def test_a_missing_manifest_is_a_record_with_a_reason(site: Path) -> None:
    plugins = Plugins([install(site, "toy_none", GOOD, None)])
    assert plugins.get("toy_none").status is Status.BROKEN
    assert "Expected manifest.json in the package toy_none" in (plugins.get("toy_none").reason or "")


def test_an_integration_that_is_not_installed_is_named_with_those_that_are(site: Path) -> None:
    plugins = Plugins([install(site, "toy_a", GOOD)])
    with pytest.raises(NotFound, match="got 'zigbee'; installed: toy_a"):
        plugins.load("zigbee")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Expected JSON"),
        ("{}", "required key not provided"),
        (json.dumps({**MANIFEST, "domain": "Big"}), "domain"),
        (json.dumps({**MANIFEST, "colour": 1}), "extra keys not allowed"),
        (json.dumps({**MANIFEST, "api": [1]}), "api"),
        (json.dumps({**MANIFEST, "zeroconf": [{"name": "x"}]}), "zeroconf"),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        Manifest.parse(text)
