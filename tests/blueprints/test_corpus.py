"""Other people's blueprints: each is loaded, or refused with file and line."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from hub.blueprints.automation import make_automation
from hub.blueprints.blueprint import parse_blueprint
from hub.blueprints.gallery import Blueprints
from hub.blueprints.kinds import KINDS
from hub.blueprints.parsing import Parsing
from hub.blueprints.stage import Stage
from hub.config.yaml import dump, load_file, load_text
from hub.errors import ConfigError

MOST_REFUSED = 40
"""Automations that Home Assistant accepts and that need what Hearth does not have yet."""


class Corpus(Protocol):
    def __call__(self, name: str) -> Path: ...


T = TypeVar("T")


def _tried(make: Callable[[Any], T], given: Any) -> T | ConfigError:
    """Return what is made, or the refusal, which must name file and line."""
    try:
        return make(given)
    except ConfigError as error:
        refusal = error
    assert refusal.file, refusal
    assert refusal.line, refusal
    assert str(refusal).startswith("Expected"), refusal
    return refusal


@pytest.fixture(scope="module")
def rows(corpus: Corpus) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus("blueprints") / "index.jsonl").read_text().splitlines()]


def test_every_blueprint_is_read_or_refused_with_its_line(rows: list[dict[str, Any]], corpus: Corpus) -> None:
    files = corpus("blueprints") / "files"
    domains: Counter[str] = Counter()
    for row in rows:
        made = _tried(lambda file: parse_blueprint(load_file(files / file, root=files), file), row["file"])
        if isinstance(made, ConfigError):
            assert not row["reference"]["blueprint_schema_ok"], made
        else:
            domains[made.domain] += 1
    assert domains == {"automation": 92, "script": 18, "template": 2}


def test_automations_are_made_or_refused_with_their_line(
    rows: list[dict[str, Any]], corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "blueprints" / "automation").symlink_to(corpus("blueprints") / "files")
    blueprints = Blueprints(tmp_path)
    templates = Stage({}, {}, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)).templates
    parsing = Parsing(KINDS, templates, lambda platform: platform == "mqtt")
    outcomes: Counter[tuple[bool, bool]] = Counter()
    for row in rows:
        if row["domain"] != "automation":
            continue
        used = {"alias": row["name"], "use_blueprint": {"path": row["file"], "input": row["inputs"]}}
        config = load_text(dump(used), "automations/x.yaml")
        accepted = row["reference"]["with_autofilled_inputs"] == "ok"
        made = _tried(lambda given: make_automation(given, "x", parsing, blueprints), config)
        outcomes[accepted, not isinstance(made, ConfigError)] += 1
    with capsys.disabled():
        total = outcomes[True, True] + outcomes[True, False]
        print(f"\n{outcomes[True, True]} of {total} automations that Home Assistant accepts are made", end=" ")  # noqa: T201 - the count
    assert outcomes[True, False] <= MOST_REFUSED
