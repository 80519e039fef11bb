"""What the hub is installed with: little, and free to be used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hub.cli.docs_dependencies import (
    REASONS,
    WEAK_COPYLEFT,
    Dependency,
    dependencies,
    dependency_page,
    without_sizes,
)

ROOT = Path(__file__).parents[1]
MOST_DISTRIBUTIONS = 35
MOST_MB = 65  # 60 was wanted: cryptography alone is 15, the sentences of sixty languages 8


def test_the_hub_is_installed_with_few_distributions_that_are_small() -> None:
    found = dependencies()
    assert len(found) <= MOST_DISTRIBUTIONS, [one.name for one in found]
    assert sum(one.size for one in found) / 1e6 <= MOST_MB, {one.name: one.size for one in found}


def test_every_licence_is_permissive_but_those_that_are_explained() -> None:
    assert {one.name for one in dependencies() if not one.is_permissive} == set(WEAK_COPYLEFT)


def test_there_is_a_reason_for_each_that_the_hub_names_and_for_no_other() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {text.partition(">")[0] for text in named} == set(REASONS)
    assert all(one.reason for one in dependencies())


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("LGPL-2.1-or-later", False),
        ("unknown", False),
    ],
)
def test_a_licence_is_permissive_if_each_part_can_be(licence: str, permissive: bool) -> None:
    one = Dependency(name="x", version="1", licence=licence, needed_by=(), size=0)
    assert one.is_permissive is permissive


def test_what_differs_from_machine_to_machine_is_no_reason_to_write_the_page_again() -> None:
    page = dependency_page()
    assert " MB without byte code" in page
    assert "| 15.0 |" in page
    assert "15.0" not in without_sizes(page)
    assert " MB without" not in without_sizes(page)
