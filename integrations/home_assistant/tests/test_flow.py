"""Adding a Home Assistant in the dashboard's dialog."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hearth_home_assistant.config import FORM
from hearth_home_assistant.integration import from_service, probe
from hearth_home_assistant.testing import HomeAssistant
from hub import ConnectionLost, FoundService, InvalidInput
from hub.testing import running_hub
from integrations.home_assistant.tests.conftest import ask, state_of


async def test_address_and_token_are_tried(demo: HomeAssistant) -> None:
    probed = await probe({"url": f"{demo.url}/lovelace/0", "token": demo.token, "events": ""})
    assert (probed.title, probed.unique_id) == ("A real home", f"127.0.0.1:{demo.port}")
    assert probed.data == {"url": demo.url, "token": demo.token}


async def test_a_wrong_token_is_told_at_its_field(demo: HomeAssistant) -> None:
    with pytest.raises(InvalidInput, match="does not accept the token") as refused:
        await probe({"url": demo.url, "token": "wrong"})
    assert refused.value.path == ("token",)


async def test_where_nothing_answers_the_address_is_named() -> None:
    with pytest.raises(ConnectionLost, match=r"Expected Home Assistant at http://127\.0\.0\.1:1"):
        await probe({"url": "http://127.0.0.1:1", "token": "x"})


async def test_what_was_found_asks_for_the_token_alone_and_its_entities_arrive(
    demo: HomeAssistant, tmp_path: Path
) -> None:
    (tmp_path / "hub").mkdir(mode=0o700)
    properties = {"uuid": "a-uuid", "location_name": "A real home", "internal_url": demo.url}
    service = FoundService(
        type="_home-assistant._tcp.local.",
        name="A real home._home-assistant._tcp.local.",
        host="127.0.0.1",
        addresses=("127.0.0.1",),
        port=demo.port,
        properties=properties,
    )
    found = from_service(service)
    assert found is not None
    async with running_hub(tmp_path / "hub") as running:
        running.hub.flows.discovered(found)
        [flow] = [each for each in running.hub.flows.progress() if each["handler"] == "home_assistant"]
        path = f"config/config_entries/flow/{flow['flow_id']}"
        _, form = await ask(running, "GET", path)
        assert [field["name"] for field in form["data_schema"]] == ["token"]
        _, step = await ask(running, "POST", path, {"token": "wrong"})
        assert "does not accept the token" in step["errors"]["token"]
        _, step = await ask(running, "POST", path, {"token": demo.token})
        assert (step["type"], step["title"]) == ("create_entry", "A real home")
        await running.until(lambda: state_of(running, "light.ceiling_lights") is not None)
        running.hub.flows.discovered(found)
        assert not [each for each in running.hub.flows.progress() if each["handler"] == "home_assistant"]


def test_every_field_of_the_form_is_translated() -> None:
    manifest: dict[str, Any] = json.loads(files("hearth_home_assistant").joinpath("manifest.json").read_text())
    words = manifest["translations"]["zh-Hans"]["form"]
    assert set(words) == {field.name for field in FORM}
    assert all(word["label"] and word["description"] for word in words.values())
