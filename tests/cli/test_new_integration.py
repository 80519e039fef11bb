"""``hearth integration new``: what it makes can be installed and passes its tests, with no change in the hub."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tomllib
from pathlib import Path

import pytest

from hub.cli.scaffold import template_folder
from hub.plugins.manager import GROUP
from tests.cli.conftest import hearth


async def test_it_makes_a_package_with_its_names_in_it(tmp_path: Path) -> None:
    code, out, _ = await hearth("integration", "new", "rain_gauge", "--folder", str(tmp_path), "--json")
    answer = json.loads(out)
    assert code == 0
    folder = tmp_path / "rain_gauge"
    assert {str(path) for path in folder.rglob("*") if path.is_file()} == set(answer["files"])
    text = "".join(path.read_text() + str(path) for path in folder.rglob("*") if path.is_file())
    assert "blank" not in text.lower()
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert project["name"] == "hearth-rain-gauge"
    assert project["entry-points"][GROUP] == {"rain_gauge": "hearth_rain_gauge"}
    manifest = json.loads((folder / "hearth_rain_gauge" / "manifest.json").read_text())
    assert (manifest["domain"], manifest["name"]) == ("rain_gauge", "Rain gauge")
    assert "class RainGaugeAdapter" in (folder / "hearth_rain_gauge" / "adapter.py").read_text()


async def test_it_says_what_comes_next(tmp_path: Path) -> None:
    code, out, _ = await hearth("integration", "new", "tap", "--title", "Garden tap", "--folder", str(tmp_path))
    assert code == 0
    assert f"pytest {tmp_path / 'tap'}" in out
    assert "# Garden tap" in (tmp_path / "tap" / "README.md").read_text()


@pytest.mark.parametrize("name", ["Rain", "1rain", "rain-gauge", "../rain", "rain__gauge", ""])
async def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    code, _, err = await hearth("integration", "new", name, "--folder", str(tmp_path))
    assert code == 1
    assert "such as my_sensor" in err


async def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "rain").mkdir()
    code, _, err = await hearth("integration", "new", "rain", "--folder", str(tmp_path))
    assert code == 1
    assert "exists" in err
    assert list((tmp_path / "rain").iterdir()) == []


async def test_the_new_package_passes_its_own_tests_both_ways(tmp_path: Path) -> None:
    await hearth("integration", "new", "rain_gauge", "--folder", str(tmp_path))
    folder = tmp_path / "rain_gauge"
    about = (
        folder / "hearth_rain_gauge-0.1.0.dist-info"
    )  # installed, as an editable package is: on the path, with its metadata
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hearth-rain-gauge\nVersion: 0.1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nrain_gauge = hearth_rain_gauge\n")
    path = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    assert b"skipped" not in out


def test_the_template_is_found_in_a_checkout() -> None:
    assert (template_folder() / "pyproject.toml").is_file()
