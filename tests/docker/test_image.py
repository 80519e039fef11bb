"""The image of docker/: what its files say is there, and its steps make a hub that runs."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.commands import COMMANDS
from hub.cli.main import parser
from hub.config.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
VOLUME = "/var/lib/hearth"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile; ``words`` are what follows its name and its options."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        if self.text.startswith("["):
            return [str(word) for word in json.loads(self.text)]
        return [word for word in shlex.split(self.text) if not word.startswith("--")]


def stages() -> list[list[Instruction]]:
    """Return the instructions of the Dockerfile, stage by stage."""
    text = re.sub(r"(?m)^#.*\n", "", (DOCKER / "Dockerfile").read_text()).replace("\\\n", " ")
    parts = [line.strip().partition(" ") for line in text.splitlines() if line.strip()]
    found: list[list[Instruction]] = [[]]
    for name, _, rest in parts:
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, rest.strip()))
    return found[1:]


def only(stage: list[Instruction], name: str) -> Instruction:
    (one,) = (instruction for instruction in stage if instruction.name == name)
    return one


def copied(stage: list[Instruction]) -> list[str]:
    """Return what a stage copies: paths in the repository, or in the stage before."""
    return [source for one in stage if one.name == "COPY" for source in one.words[:-1]]


def is_ignored(path: str) -> bool:
    """Say whether .dockerignore keeps a path from the builder; its last line that matches decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and _matches(path, pattern):
            ignored = not line.startswith("!")
    return ignored


def _matches(path: str, pattern: str) -> bool:
    parts = path.split("/")
    heads = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in parts)
    return any(head.count("/") == pattern.count("/") and fnmatch(head, pattern) for head in heads)


def test_what_the_first_stage_copies_is_there_and_goes_to_the_builder() -> None:
    sources = copied(stages()[0])
    assert [source for source in sources if not (ROOT / source).exists() or is_ignored(source)] == []
    allowed = re.findall(r"(?m)^!(.+)$", (ROOT / ".dockerignore").read_text())
    assert sorted(allowed) == sorted(sources)


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".git/config", True),
        (".venv/bin/python", True),
        ("secrets.yaml", True),
        ("tests/conftest.py", True),
        ("frontend/node_modules/vite/package.json", True),
        ("hub/server/static/index.html", True),
        ("hub/core/__pycache__/bus.pyc", True),
        ("integrations/mqtt/tests/test_codec.py", True),
        ("integrations/mqtt/hearth_mqtt/testing/mosquitto.py", False),
        ("hub/app.py", False),
        ("frontend/src/main.ts", False),
        ("requirements/run.txt", False),
    ],
)
def test_the_builder_gets_sources_and_nothing_that_was_built_or_is_secret(path: str, ignored: bool) -> None:
    assert is_ignored(path) is ignored


def test_the_set_up_is_the_one_of_the_scripts() -> None:
    runs = [one.text for one in stages()[0] if one.name == "RUN"]
    (command,) = (text for text in runs if "script" in text)
    assert command.endswith(" python script setup")
    assert "setup" in COMMANDS


def test_the_set_up_takes_no_arguments() -> None:
    command = [sys.executable, str(ROOT / "script"), "setup", "now"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Expected no arguments, got now\n")


def test_both_stages_begin_with_the_same_pinned_python_that_the_hub_supports() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    bases = re.findall(r"(?m)^FROM (\S+)", text)
    assert bases == ["python:${PYTHON}-slim-bookworm"] * 2
    version = re.findall(r"(?m)^ARG PYTHON=(\S+)$", text)[0]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert f"Programming Language :: Python :: {version}" in classifiers


def test_what_the_last_stage_copies_from_the_first_was_made_there() -> None:
    first, last = stages()
    place = only(first, "WORKDIR").text
    assert place == only(last, "WORKDIR").text  # the environment names its own path
    made = {f"{place}/{source}" for source in [*copied(first), ".venv"]}
    assert set(copied(last)) <= made


def test_it_runs_the_hub_as_nobody_special_on_a_volume() -> None:
    last = stages()[1]
    assert only(last, "USER").text not in ("root", "0")
    assert only(last, "VOLUME").text == VOLUME
    environment = dict(word.split("=", 1) for word in only(last, "ENV").words)
    assert f"{environment['XDG_CONFIG_HOME']}/hearth" == VOLUME
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert set(only(last, "ENTRYPOINT").words) <= set(scripts)
    assert callable(parser().parse_args(only(last, "CMD").words).command)


def test_its_health_is_asked_for_where_the_hub_answers() -> None:
    program = health_check()[-1]
    ast.parse(program)
    assert f"http://localhost:{Settings().port}/health" in program
    assert only(stages()[1], "EXPOSE").text == str(Settings().port)


def health_check() -> list[str]:
    text = only(stages()[1], "HEALTHCHECK").text
    return [str(word) for word in json.loads(text[text.index("[") :])]


@pytest.mark.parametrize("name", ["hearth", "demo"])
def test_the_compose_file_runs_it_without_rights_on_the_hosts_network(name: str) -> None:
    compose: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    service = compose["services"][name]
    assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == DOCKER / "Dockerfile"
    assert (service["read_only"], service["cap_drop"], service["network_mode"]) == (True, ["ALL"], "host")
    (volume,) = service["volumes"]
    assert volume == f"{name}:{VOLUME}"
    assert name in compose["volumes"]
    assert callable(parser().parse_args(service.get("command", ["run"])).command)


@pytest.mark.parametrize("path", ["docker/README.md", "docker/compose.yaml"])
def test_compose_files_that_are_named_exist(path: str) -> None:
    named = re.findall(r"-f (\S+)", (ROOT / path).read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.long
async def test_the_steps_of_the_image_make_a_hub_that_answers(image: Path, tmp_path: Path) -> None:
    """As Docker would: from what the builder gets, in a clean folder, with what the last stage copies alone."""
    environment = {"PATH": f"{image}/.venv/bin:/usr/bin:/bin", "XDG_CONFIG_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    port = _free_port()
    program = [str(image / ".venv" / "bin" / "hearth"), "run", "--json", "--port", str(port)]
    hub = await asyncio.create_subprocess_exec(*program, cwd="/", env=environment, stdout=asyncio.subprocess.PIPE)
    assert hub.stdout is not None
    try:
        async with asyncio.timeout(120):
            assert json.loads(await hub.stdout.readline())["url"] == f"http://localhost:{port}"
        check = [word.replace(":8123/", f":{port}/") for word in health_check()]
        asked = await asyncio.create_subprocess_exec(*check, env=environment)
        assert await asked.wait() == 0
    finally:
        hub.terminate()
        await hub.communicate()
    assert (tmp_path / "hearth" / "audit.db").is_file()


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    first, last = stages()
    place = tmp_path / "image"
    for source in copied(first):
        _copy(source, place)
    for one in first:
        if one.name == "RUN" and "apt-get" not in one.text:
            command = " ".join(word for word in one.text.split() if not word.startswith("--mount"))
            subprocess.run(["sh", "-ec", command], cwd=place, check=True, env={**os.environ, "UV_LINK_MODE": "copy"})
    kept = {Path(source).name for source in copied(last)}
    for path in place.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    yield place
    shutil.rmtree(place)


def _copy(source: str, place: Path) -> None:
    def ignored(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if is_ignored(str(Path(folder, name).relative_to(ROOT)))}

    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, place / source, ignore=ignored)
    else:
        place.mkdir(exist_ok=True)
        shutil.copy(ROOT / source, place / source)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
