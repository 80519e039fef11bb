"""Pictures of cameras: for those who are logged in, and for an ``<img>`` with the entity's own token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio

from hub.adapters.interfaces import AdapterHost, ConfigEntry, EntityDescription, Integration, Picture, Report
from hub.adapters.manifest import Manifest
from hub.adapters.pictures import LIFESPAN, PictureTokens
from hub.core.clock import SimulatedClock
from hub.errors import ConnectionLost
from hub.testing import RunningHub

pytestmark = pytest.mark.asyncio(loop_scope="module")
JPEG = Picture(content=b"\xff\xd8\xff\xe0 a picture", content_type="image/jpeg")


@dataclass
class Cameras:
    """An adapter with a camera and an image; counts how often it was asked."""

    pictures: dict[str, Picture | Exception | None] = field(default_factory=dict)
    asked: int = 0

    async def run(self, host: AdapterHost) -> None:
        for domain in ("camera", "image"):
            host.add(EntityDescription(domain=domain, unique_id=domain, name=f"Door {domain}", object_id="door"))
            host.report(Report(unique_id=domain, state="idle" if domain == "camera" else "2026-01-01T00:00:00+00:00"))
        await asyncio.get_running_loop().create_future()

    async def picture(self, unique_id: str) -> Picture | None:
        self.asked += 1
        await asyncio.sleep(0)
        found = self.pictures.get(unique_id)
        if isinstance(found, Exception):
            raise found
        return found


@pytest_asyncio.fixture(loop_scope="module")
async def cameras(home: RunningHub) -> AsyncIterator[Cameras]:
    adapter = Cameras({"camera": JPEG, "image": JPEG})
    manifest = Manifest(domain="cameras", name="Cameras", version="1", api=(1, 1))
    entry = ConfigEntry(entry_id="cameras", integration="cameras", title="Cameras", source="system")
    home.hub.supervisor.start(Integration(manifest=manifest, make=lambda _: adapter), entry)
    await home.until(lambda: (state := home.hub.states.get("camera.door")) and state.state == "idle")
    try:
        yield adapter
    finally:
        await home.hub.supervisor.stop("cameras")
        await asyncio.sleep(0)


async def test_the_address_in_the_state_shows_the_picture_without_a_header(
    home: RunningHub, http: aiohttp.ClientSession, cameras: Cameras
) -> None:
    for entity_id in ("camera.door", "image.door"):
        state = home.hub.states.get(entity_id)
        assert state is not None
        assert state.attributes["access_token"] in state.attributes["entity_picture"]
        async with http.get(state.attributes["entity_picture"]) as response:
            assert (response.status, response.content_type, await response.read()) == (200, "image/jpeg", JPEG.content)
            assert (response.headers["Cache-Control"], response.headers["X-Content-Type-Options"]) == (
                "no-store",
                "nosniff",
            )


async def test_nobody_else_sees_it(home: RunningHub, http: aiohttp.ClientSession, cameras: Cameras) -> None:
    path = "/api/camera_proxy/camera.door"
    image = home.hub.states.get("image.door")
    assert image is not None
    for query in ("", "?token=", "?token=wrong", f"?token={image.attributes['access_token']}"):
        async with http.get(path + query) as response:
            assert (response.status, await response.text()) == (401, "401: Unauthorized")
    async with http.get(path, headers=home.headers) as response:
        assert response.status == 200
    for wrong in ("/api/image_proxy/camera.door", "/api/camera_proxy/camera.none", "/api/camera_proxy/light.door"):
        async with http.get(wrong, headers=home.headers) as response:
            assert response.status == 404


async def test_many_who_look_at_once_cost_one_fetch(
    home: RunningHub, http: aiohttp.ClientSession, cameras: Cameras
) -> None:
    cameras.pictures["image"] = Picture(content=b"\x89PNG another", content_type="image/png")
    cameras.asked = 0

    async def look() -> int:
        async with http.get("/api/camera_proxy/camera.door", headers=home.headers) as response:
            await response.read()
            return response.status

    assert set(await asyncio.gather(*(look() for _ in range(20)))) == {200}
    assert cameras.asked <= 1


@pytest.mark.parametrize(
    "picture",
    [
        None,
        ConnectionLost("gone"),
        Picture(content=b"<svg onload='alert(1)'/>", content_type="image/svg+xml"),
        Picture(content=b"<html>", content_type="text/html"),
        Picture(content=bytes((10 << 20) + 1), content_type="image/jpeg"),
    ],
)
async def test_what_is_no_picture_is_not_shown(
    home: RunningHub, http: aiohttp.ClientSession, cameras: Cameras, picture: Picture | Exception | None
) -> None:
    cameras.pictures["fresh"] = picture
    entity = home.hub.registries.entities.ensure(
        integration="cameras", unique_id="fresh", domain="camera", suggested="fresh", config_entry_id="cameras"
    )
    async with http.get(f"/api/camera_proxy/{entity.entity_id}", headers=home.headers) as response:
        assert response.status == 503


async def test_tokens_change_and_the_last_one_is_good_for_a_while() -> None:
    clock = SimulatedClock()
    tokens = PictureTokens(clock)
    token = tokens.attributes("camera.a")["access_token"]
    renewed: list[float] = []
    stop = tokens.on_renewed(lambda: renewed.append(clock.time()))
    running = asyncio.create_task(tokens.run(), name="tokens")
    await clock.settle()
    await clock.advance(LIFESPAN)
    assert tokens.attributes("camera.a")["access_token"] != token
    assert tokens.accepts("camera.a", token)
    assert not tokens.accepts("camera.b", token)
    await clock.advance(LIFESPAN)
    assert not tokens.accepts("camera.a", token)
    assert len(renewed) == 2
    stop()
    running.cancel()
    await asyncio.wait([running])
    assert tokens.attributes("light.a") == {}


async def test_a_token_is_not_recorded(home: RunningHub, cameras: Cameras) -> None:
    found = await home.hub.recorder.history.states(["camera.door"], 0.0, home.hub.clock.time())
    kept = [point.attributes or {} for point in found["camera.door"]]
    assert any("friendly_name" in attributes for attributes in kept)
    assert not any({"access_token", "entity_picture"} & set(attributes) for attributes in kept)
