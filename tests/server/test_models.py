"""The model of a running hub: how it is, which there are, and the change to another, with real workers."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.core.inference import CompletionRequest
from hub.inference import DEFAULT_MODEL
from hub.security import Role
from hub.testing import RunningHub, running_hub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None,
    reason="llama_cpp is not installed, so there is no local model to test",
)
ENGINE = {"calibrate": False, "threads": 1, "context": 256}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub's folder with a copy of the command model in its library, and one file that is no model."""
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    shutil.copy(DEFAULT_MODEL, models / "other.gguf")
    (models / "broken.gguf").write_bytes(b"GGUF")
    return tmp_path / "home"


@asynccontextmanager
async def speaking(folder: Path, **inference: Any) -> AsyncIterator[tuple[RunningHub, Client]]:
    """Run a hub over the folder and log its owner in."""
    async with (
        running_hub(folder, inference={**ENGINE, **inference}) as home,
        aiohttp.ClientSession(home.url) as session,
        session.ws_connect("/api/websocket") as socket,
    ):
        yield home, await login(socket, home.token)


async def until(home: RunningHub, condition: Callable[[Mapping[str, Any]], bool]) -> None:
    """Wait until the model is as wanted."""
    async with asyncio.timeout(30):
        while not condition(home.hub.swap.status()):  # noqa: ASYNC110 - a status is asked for, it is no event
            await asyncio.sleep(0.005)


def kept(folder: Path) -> Any:
    return json.loads((folder / ".hearth" / "inference.json").read_text())["data"]


async def test_the_models_are_listed_with_what_they_are(folder: Path) -> None:
    async with speaking(folder) as (_, client):
        rows = {row["name"]: row for row in await client.result("hearth/inference/models")}

    assert list(rows) == ["home-6m", "broken", "other"]
    assert {name: (row["in_use"], row["written"]) for name, row in rows.items()} == {
        "home-6m": (True, True),
        "broken": (False, False),
        "other": (False, False),
    }
    assert (rows["other"]["quantisation"], rows["other"]["context"]) == ("Q8_0", 512)
    assert rows["other"]["parameters"] > 5_000_000
    assert "cut off" in rows["broken"]["problem"]


async def test_a_file_outside_the_library_is_listed_while_hearth_yaml_names_it(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.gguf"
    shutil.copy(DEFAULT_MODEL, outside)
    async with speaking(folder, model=str(outside)) as (_, client):
        await client.result("hearth/inference/use", model="other")
        rows = {row["name"]: row for row in await client.result("hearth/inference/models")}
        status = await client.result("hearth/inference/use", model="outside")

    assert (rows["outside"]["in_use"], rows["outside"]["written"]) == (False, True)
    assert status["model"] == "outside"
    assert kept(folder)["model"] is None


async def test_another_model_takes_over_and_stays_after_a_restart(folder: Path) -> None:
    async with speaking(folder) as (home, client):
        await home.hub.models.complete(CompletionRequest(prompt="> hello\n=", max_tokens=4))
        status = await client.result("hearth/inference/use", model="other")
        answer = await home.hub.models.complete(CompletionRequest(prompt="> turn on the lamp\n=", max_tokens=4))
        audit = await client.result("hearth/audit/list")

    assert (status["state"], status["model"], status["context"], status["loading"]) == ("ready", "other", 256, None)
    assert answer.text
    assert [row["detail"] for row in audit if row["subject"] == "model"] == [{"model": "other"}]
    async with speaking(folder) as (home, _):
        assert home.hub.backend.model == "other"
    async with speaking(folder, model="home-6m") as (home, _):
        assert home.hub.backend.model == "home-6m-q8_0", "hearth.yaml names another model now"
    async with speaking(folder) as (home, _):
        assert home.hub.backend.model == "home-6m-q8_0", "the choice is forgotten"


async def test_going_back_to_what_hearth_yaml_names_forgets_the_choice(folder: Path) -> None:
    async with speaking(folder) as (_, client):
        await client.result("hearth/inference/use", model="other")
        assert kept(folder) == {"model": "other", "written": None}, "the command line may look at once"
        await client.result("hearth/inference/use", model="home-6m")
    assert kept(folder) == {"model": None, "written": None}


async def test_a_chosen_model_that_is_gone_leaves_it_to_hearth_yaml(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with speaking(folder) as (_, client):
        await client.result("hearth/inference/use", model="other")
    (folder / "models" / "other.gguf").unlink()
    async with speaking(folder) as (home, _):
        assert home.hub.backend.model == "home-6m-q8_0"
    assert "got other. There are home-6m" in caplog.text


async def test_a_model_that_cannot_be_loaded_leaves_the_old_one_at_work(folder: Path) -> None:
    async with speaking(folder) as (home, client):
        await home.hub.backend.loaded()
        answer = await client.ask("hearth/inference/use", model="broken")
        status = await client.result("hearth/agent/status")
        unknown = await client.ask("hearth/inference/use", model="../../etc/passwd")

    assert "cut off" in answer["error"]["message"]
    assert "stays in use" in answer["error"]["message"]
    assert (status["state"], status["model"]) == ("ready", "home-6m-q8_0")
    assert status["failed"]["model"] == "broken"
    assert status["failed"]["reason"] == answer["error"]["message"]
    assert unknown["error"]["code"] == "not_found"
    assert not (folder / ".hearth" / "inference.json").exists()


async def test_a_change_goes_on_when_whoever_asked_goes_away(folder: Path) -> None:
    async with speaking(folder) as (home, client):
        await client.socket.send_json({"id": 1, "type": "hearth/inference/use", "model": "other"})
        await until(home, lambda status: status["loading"] is not None)
        error = await home.hub.swap.begin("home-6m")
        await client.socket.close()
        await until(home, lambda status: status["loading"] is None)
        assert home.hub.backend.model == "other"
    assert "one change at a time, other is being loaded" in str(error)
    assert kept(folder)["model"] == "other"


async def test_only_owner_and_admins_see_servers_and_choose(folder: Path) -> None:
    servers = [{"url": "http://127.0.0.1:9/v1", "token": "secret"}]
    async with speaking(folder, servers=servers) as (home, client):
        user = await home.hub.auth.users.add(name="Bo", username=None, password=None, role=Role.USER)
        token = await home.hub.auth.create_long_lived(user.user_id, "test")
        async with (
            aiohttp.ClientSession(home.url) as session,
            session.ws_connect("/api/websocket") as socket,
        ):
            theirs = await login(socket, token)
            assert "servers" not in await theirs.result("hearth/agent/status")
            answer = await theirs.ask("hearth/inference/use", model="other")
            assert answer["error"]["code"] == "unauthorized"
        status = await client.result("hearth/agent/status")
    assert [server["server"] for server in status["servers"]] == ["http://127.0.0.1:9/v1"]
    assert "secret" not in json.dumps(status)
