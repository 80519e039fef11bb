"""hass-client 1.4.1 against a simulated home."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from hass_client import HomeAssistantClient  # type: ignore[import-untyped]
from hass_client.exceptions import AuthenticationFailed, FailedCommand  # type: ignore[import-untyped]
from hass_client.utils import get_auth_url, get_long_lived_token, get_token, get_websocket_url  # type: ignore[import-untyped]

from hub.testing import RunningHub
from hub.testing.running import OWNER
from tests.clients.conftest import LIGHT, SENSOR

pytestmark = pytest.mark.asyncio(loop_scope="module")
REDIRECT = "http://127.0.0.1:9/callback"


@pytest_asyncio.fixture(loop_scope="module")
async def client(home: RunningHub) -> AsyncIterator[HomeAssistantClient]:
    client = HomeAssistantClient(get_websocket_url(home.url), home.token)
    await client.connect()
    listening = asyncio.create_task(client.start_listening(), name="hass-client")
    try:
        yield client
    finally:
        await client.disconnect()
        await asyncio.wait([listening])


async def test_it_reads_everything_it_can(client: HomeAssistantClient) -> None:
    states = {state["entity_id"]: state for state in await client.get_states()}
    assert states[LIGHT]["state"] in ("on", "off")
    assert "turn_on" in (await client.get_services())["light"]
    config: Any = await client.get_config()
    assert config["state"] == "RUNNING"
    areas = {area["area_id"] for area in await client.get_area_registry()}
    devices = {device["id"] for device in await client.get_device_registry()}
    entities = {entity["entity_id"]: entity for entity in await client.get_entity_registry()}
    assert "kitchen" in areas
    assert entities[LIGHT]["device_id"] in devices
    assert (await client.get_entity_registry_entry(LIGHT))["platform"] == "mqtt"
    assert client.version == config["version"]


async def test_it_follows_what_it_does(client: HomeAssistantClient) -> None:
    changed: asyncio.Queue[Any] = asyncio.Queue()
    compressed: asyncio.Queue[Any] = asyncio.Queue()
    stop_events = await client.subscribe_events(changed.put_nowait, "state_changed")
    stop_entities = await client.subscribe_entities(compressed.put_nowait, [LIGHT])
    async with asyncio.timeout(20):
        before = (await compressed.get())["a"][LIGHT]["s"]
        await client.call_service("light", "toggle", target={"entity_id": LIGHT})
        while "s" not in (change := (await compressed.get())["c"][LIGHT]["+"]):
            pass
        while (event := await changed.get())["data"]["entity_id"] != LIGHT:
            pass
    assert {before, change["s"]} == {"on", "off"}
    assert set(event["data"]) == {"entity_id", "old_state", "new_state"}
    stop_entities()
    stop_events()
    assert await client.send_command("get_states")


async def test_what_goes_wrong_is_its_own_error(home: RunningHub, client: HomeAssistantClient) -> None:
    with pytest.raises(FailedCommand):
        await client.get_entity_registry_entry("light.nobody_has")
    with pytest.raises(FailedCommand):
        await client.call_service("light", "fly", target={"entity_id": LIGHT})
    stranger = HomeAssistantClient(get_websocket_url(home.url), "wrong")
    with pytest.raises(AuthenticationFailed):
        await stranger.connect()
    await stranger.disconnect()


async def test_somebody_logs_in_through_the_browser_and_it_gets_a_token(home: RunningHub) -> None:
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = get_auth_url(home.url, REDIRECT, state="a b&c", code_challenge=challenge)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    async with aiohttp.ClientSession() as browser:
        async with browser.get(url) as page:
            assert (page.status, page.content_type) == (200, "text/html")
            assert 'name="password"' in await page.text()
        form = {**asked, "username": OWNER["username"], "password": OWNER["password"]}
        async with browser.post(f"{home.url}/auth/authorize", data=form, allow_redirects=False) as back:
            assert back.status == 303
            location = urlsplit(back.headers["Location"])
    answer = parse_qs(location.query)
    assert (f"{location.scheme}://{location.netloc}{location.path}", answer["state"]) == (REDIRECT, ["a b&c"])
    with pytest.raises(RuntimeError, match="invalid_request"):
        await get_token(home.url, "no code", asked["client_id"], code_verifier=verifier)
    tokens: Any = await get_token(home.url, answer["code"][0], asked["client_id"], code_verifier=verifier)
    again: Any = await get_token(home.url, tokens["refresh_token"], asked["client_id"], "refresh_token")
    secret = await get_long_lived_token(home.url, again["access_token"], "hass-client", lifespan=1)
    async with HomeAssistantClient(get_websocket_url(home.url), secret) as client:
        assert SENSOR in {state["entity_id"] for state in await client.get_states()}
