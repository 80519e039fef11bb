"""The templates for CI run what is here, and nothing that changes by itself."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "integrations" / "_template"
WORKFLOWS = [ROOT / ".github/workflows/ci.yml", TEMPLATE / ".github/workflows/test.yml"]
PIPELINES = [ROOT / ".gitlab-ci.yml", TEMPLATE / ".gitlab-ci.yml"]


def pythons(project: Path) -> set[str]:
    """Return the versions of Python that a project says it supports."""
    told = tomllib.loads((project / "pyproject.toml").read_text())["project"]["classifiers"]
    return {text.rpartition(" ")[2] for text in told if re.search(r"Python :: 3\.\d+$", text)}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_version_and_gets_no_rights(file: Path) -> None:
    workflow: dict[Any, Any] = yaml.safe_load(file.read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", name)] == []
    assert workflow["permissions"] == {"contents": "read"}
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", [*WORKFLOWS, *PIPELINES], ids=str)
def test_no_registry_is_named(file: Path) -> None:
    assert "://" not in file.read_text()


@pytest.mark.parametrize("file", [*WORKFLOWS, *PIPELINES], ids=str)
def test_the_oldest_and_the_newest_python_are_among_those_that_run(file: Path) -> None:
    ours = sorted(pythons(ROOT), key=lambda version: int(version.rpartition(".")[2]))
    named = set(re.findall(r'"(3\.\d+)"', file.read_text()))
    assert {ours[0], ours[-1]} <= named <= set(ours)


def test_ours_run_the_script_that_everybody_can_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    jobs = yaml.safe_load(WORKFLOWS[0].read_text())["jobs"]
    assert {"run": ".ci/run"} in jobs["test"]["steps"]
    assert yaml.safe_load(PIPELINES[0].read_text())["test"]["script"] == [".ci/run"]


def test_those_for_authors_install_the_hub_with_its_contract_and_run_it() -> None:
    steps = yaml.safe_load(WORKFLOWS[1].read_text())["jobs"]["test"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == yaml.safe_load(PIPELINES[1].read_text())["test"]["script"]
    assert commands == [
        'python -m pip install --editable ".[testing]"',
        "hearth integration list",
        "python -m pytest -W error",
    ]
    extras = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras["testing"] == ["hearth-hub[testing]"]
