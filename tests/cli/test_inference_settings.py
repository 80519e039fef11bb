"""``inference:`` of ``hearth.yaml``, as the command line checks it and a hub runs it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import aiohttp
import pytest

from hub.core.inference import CompletionRequest
from hub.testing import running_hub
from tests.cli.conftest import hearth


def write(folder: Path, text: str) -> None:
    """Make a hub's folder with this ``hearth.yaml``."""
    folder.mkdir(parents=True)
    (folder / "hearth.yaml").write_text(text)


async def test_check_names_what_is_wrong_with_inference(folder: Path) -> None:
    write(folder, "inference:\n  context: 2048\n  gpu:\n    layers: most\n")
    code, out, _ = await hearth("check", "--json", folder=folder)
    (problem,) = json.loads(out)["problems"]

    assert code == 1
    assert "inference: gpu: layers: expected a whole number from 0 to 10000, got 'most'" in problem
    assert "hearth.yaml:4" in problem


async def test_check_misses_a_model(folder: Path) -> None:
    write(folder, "inference:\n  model: gone\n")
    code, out, _ = await hearth("check", folder=folder)

    assert code == 1
    assert "got gone. There are home-6m" in out


async def test_a_hub_runs_its_model_as_the_settings_say(tmp_path: Path) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama_cpp is not installed, so there is no local model to test")
    async with (
        running_hub(tmp_path / "home", inference={"context": 512, "threads": 1, "calibrate": False}) as home,
        aiohttp.ClientSession(home.url) as session,
    ):
        await home.hub.models.complete(CompletionRequest(prompt="> hello\n=", max_tokens=8))
        async with session.ws_connect("/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": home.token})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": "hearth/agent/status"})
            status = (await socket.receive_json())["result"]

    assert (status["state"], status["context"], status["reason"]) == ("ready", 512, None)
    assert status["report"]["threads"] == [1, "as the settings have it"]


async def test_a_hub_with_wrong_settings_starts_with_the_default(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_hub(tmp_path / "home", inference={"context": "much"}) as home:
        assert home.hub.backend.model == "home-6m-q8_0"
    assert "inference: context: expected a whole number" in caplog.text


async def test_servers_come_before_the_local_model(tmp_path: Path) -> None:
    servers = [{"url": "http://127.0.0.1:9/v1", "token": "secret"}]
    async with running_hub(tmp_path / "home", inference={"servers": servers}) as home:
        status = home.hub.models.status()

    assert [server["server"] for server in status["servers"]] == ["http://127.0.0.1:9/v1"]
    assert status["local"] is not None
