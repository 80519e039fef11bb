"""``hearth model use``: another model for a hub that runs."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import pty
import shutil
import sys
from pathlib import Path

import pytest

from hub.inference import DEFAULT_MODEL
from tests.cli.conftest import hearth, run_hub

ENGINE = "inference:\n  calibrate: false\n  threads: 1\n"


@pytest.fixture
def home(folder: Path) -> Path:
    """A hub's folder with a copy of the command model in its library, and one file that is no model."""
    (folder / "models").mkdir(parents=True)
    (folder / "hearth.yaml").write_text(ENGINE)
    shutil.copy(DEFAULT_MODEL, folder / "models" / "other.gguf")
    (folder / "models" / "broken.gguf").write_bytes(b"GGUF")
    return folder


async def test_the_command_waits_until_the_model_is_in_use(home: Path) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama_cpp is not installed, so there is no local model to test")
    async with run_hub(home):
        code, out, err = await hearth("model", "use", "other", folder=home)
        assert (code, out.partition(":")[0], err) == (0, "other is in use", "")
        assert "window 512 tokens" in out
        used = json.loads((await hearth("model", "list", "--json", folder=home))[1])
        assert [row["name"] for row in used if row["in_use"]] == ["other"]
        code, _, err = await hearth("model", "remove", "other", folder=home)
        assert (code, "other is: choose another first" in err) == (4, True)

        code, _, err = await hearth("model", "use", "broken", folder=home)
        assert (code, "cut off" in err, "other stays in use" in err) == (1, True, True)
        code, _, err = await hearth("model", "use", "unknown", folder=home)
        assert (code, "There are home-6m, broken, other" in err) == (3, True)
        code, out, _ = await hearth("model", "use", "other", "--json", folder=home)
        assert json.loads(out)["state"] == "ready"
        drawn = await on_a_terminal("model", "use", "home-6m", "--config", str(home))
        assert "Loading home-6m  0 s" in drawn
        assert drawn.endswith("\r\x1b[K")


async def test_without_a_hub_the_command_says_how_to_start_one(home: Path) -> None:
    code, _, err = await hearth("model", "use", "other", folder=home)
    assert (code, "start it with 'hearth run'" in err) == (3, True)


async def test_a_choice_made_for_another_hearth_yaml_does_not_count(home: Path) -> None:
    (home / ".hearth").mkdir()
    choice = {"version": 1, "data": {"model": "other", "written": None}}
    (home / ".hearth" / "inference.json").write_text(json.dumps(choice))
    assert [row["name"] for row in await listed(home) if row["in_use"]] == ["other"]
    (home / "hearth.yaml").write_text("inference:\n  model: home-6m\n")
    assert [row["name"] for row in await listed(home) if row["in_use"]] == ["home-6m"]
    assert json.loads((home / ".hearth" / "inference.json").read_text()) == choice, "only the hub changes it"
    (home / ".hearth" / "inference.json").write_text("{")
    assert [row["name"] for row in await listed(home) if row["in_use"]] == ["home-6m"]


async def on_a_terminal(*arguments: str) -> str:
    """Run ``hearth`` with a terminal for its errors; return what was drawn there."""
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    assert await process.wait() == 0
    drawn = os.read(master, 65536).decode()
    os.close(master)
    return drawn


async def listed(folder: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads((await hearth("model", "list", "--json", folder=folder))[1])
    return rows
