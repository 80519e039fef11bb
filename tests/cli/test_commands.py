from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from hub.cli.main import COMMANDS
from tests.cli.conftest import hearth, run_hub


@pytest.mark.parametrize("command", [module.__name__.rpartition(".")[2] for module in COMMANDS])
async def test_every_command_helps_with_examples(command: str) -> None:
    code, out, _ = await hearth(command, "--help")
    assert code == 0
    assert "examples:" in out


async def test_a_wrong_command_line_ends_with_2() -> None:
    code, _, err = await hearth("fly")
    assert code == 2
    assert "invalid choice: 'fly'" in err


async def test_check_names_file_line_and_remedy_and_goes_on(folder: Path) -> None:
    (folder / "automations").mkdir(parents=True)
    (folder / "hearth.yaml").write_text("name: Home\nlanguage: xx\nintegrations:\n  zigbee: {}\ncolour: red\n")
    (folder / "automations" / "bad.yaml").write_text("alias: Bad\ntriggers:\n  - trigger: state\n    entity_id: [\n")
    code, out, _ = await hearth("check", "--json", folder=folder)
    answer = json.loads(out)
    text = "\n".join(answer["problems"])
    assert code == 1
    assert not answer["valid"]
    assert "expected en or zh-Hans, got 'xx'" in text
    assert "hearth.yaml:2" in text
    assert "got 'colour': remove or correct it" in text
    assert "got 'zigbee'; installed: demo, " in text
    assert "bad.yaml" in text


def test_check_of_an_empty_folder_finds_nothing_wrong_and_makes_nothing(folder: Path) -> None:
    code, out, _ = asyncio.run(hearth("check", folder=folder))
    assert (code, "nothing is wrong" in out) == (0, True)
    assert not folder.exists()


async def test_the_installed_integrations_are_listed_without_a_hub(folder: Path) -> None:
    code, out, _ = await hearth("integration", "list", "--json", folder=folder)
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["mqtt"]["status"] == "not_configured"


@pytest.mark.parametrize("command", [("token", "create", "x"), ("chat", "hello")])
async def test_what_needs_a_hub_says_how_to_start_one(folder: Path, command: tuple[str, ...]) -> None:
    code, _, err = await hearth(*command, folder=folder)
    assert code == 3
    assert "hearth run" in err


async def test_a_running_hub_gives_tokens_and_answers(folder: Path) -> None:
    async with run_hub(folder) as hub:
        code, _, err = await hearth("token", "create", "early", folder=folder)
        assert (code, "create it first" in err) == (3, True)
        await hub.create_owner()
        code, out, _ = await hearth("token", "create", "panel", "--json", folder=folder)
        assert code == 0
        assert json.loads(out)["token"].startswith("hearth_")
        code, out, _ = await hearth("integration", "list", folder=folder)
        assert "mqtt" in out
        assert "loaded" in out
        code, out, _ = await hearth("chat", "turn on the light in the dungeon", "--json", folder=folder)
        answer = json.loads(out)
        assert answer["response"]["speech"]["plain"]["speech"]
        code, _, err = await hearth("run", "--port", "0", folder=folder)
        assert (code, "uses it" in err) == (1, True)


async def test_the_hub_ends_cleanly_and_starts_again_with_what_it_knew(folder: Path) -> None:
    async with run_hub(folder) as hub:
        await hub.create_owner()
    assert hub.process.returncode == 0
    async with run_hub(folder) as hub:
        assert hub.welcome is None


async def test_broken_yaml_does_not_keep_the_hub_from_starting(folder: Path) -> None:
    (folder / "automations").mkdir(parents=True)
    (folder / "hearth.yaml").write_text("language: xx\nintegrations:\n  mqtt:\n    colour: red\n")
    (folder / "automations" / "bad.yaml").write_text("alias: [")
    async with run_hub(folder) as hub:
        await hub.create_owner()
        code, out, _ = await hearth("integration", "list", "--json", folder=folder)
        row = next(row for row in json.loads(out) if row["name"] == "mqtt")
        assert code == 0
        assert row["status"] != "loaded"
        assert "colour" in row["reason"]
