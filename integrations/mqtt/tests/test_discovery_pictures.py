"""Cameras and images: their pictures come as messages, or as addresses."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from hearth_mqtt.pictures import fetch
from hearth_mqtt.testing import DiscoveredHome
from hub import ConnectionLost, Picture

PNG = b"\x89PNG\r\n\x1a\n and the rest"
JPEG = b"\xff\xd8\xff and the rest"


@pytest.fixture
async def home() -> DiscoveredHome:
    return DiscoveredHome()


def picture(home: DiscoveredHome, unique_id: str = "u") -> Picture | str | None:
    return home.discovery.picture(unique_id)


async def test_a_camera_shows_the_last_picture_that_came(home: DiscoveredHome) -> None:
    await home.announce("camera", name="C", topic="c")
    assert (home.state(), picture(home)) == ("idle", None)
    await home.send("c", JPEG)
    await home.send("c", PNG)
    assert picture(home) == Picture(content=PNG, content_type="image/png")
    await home.send("c", "")
    assert (home.state(), picture(home)) == ("idle", None)


async def test_a_camera_may_write_its_pictures_as_text(home: DiscoveredHome) -> None:
    await home.announce("camera", name="C", topic="c", image_encoding="b64")
    await home.send("c", base64.b64encode(JPEG))
    assert picture(home) == Picture(content=JPEG, content_type="image/jpeg")
    await home.send("c", "no base64!")
    assert picture(home) == Picture(content=JPEG, content_type="image/jpeg")


async def test_an_image_says_when_it_last_changed(home: DiscoveredHome) -> None:
    await home.announce("image", name="I", image_topic="i", content_type="image/webp")
    assert home.state() == "unknown"
    await home.send("i", b"RIFF....WEBP")
    assert home.state() == "2023-11-14T22:13:20+00:00"
    assert picture(home) == Picture(content=b"RIFF....WEBP", content_type="image/webp")


async def test_what_claims_to_be_a_page_is_no_page(home: DiscoveredHome) -> None:
    await home.announce("image", name="I", image_topic="i", content_type="text/html")
    await home.send("i", "<script>")
    assert picture(home) == Picture(content=b"<script>", content_type="image/jpeg")


async def test_an_image_may_name_an_address(home: DiscoveredHome) -> None:
    await home.announce("image", name="I", url_topic="i", url_template="{{ value_json.url }}")
    await home.send("i", {"url": "http://camera.lan/now.jpg"})
    await home.send("i", {"url": "file:///etc/passwd"})
    assert (home.state(), picture(home)) == ("2023-11-14T22:13:20+00:00", "http://camera.lan/now.jpg")


@pytest.mark.parametrize(
    "wrong", [{}, {"image_topic": "a", "url_topic": "b"}, {"url_topic": "b", "content_type": "image/png"}]
)
async def test_an_image_has_one_kind_of_topic(home: DiscoveredHome, wrong: dict[str, str]) -> None:
    await home.announce("image", name="I", **wrong)
    assert home.state() is None


async def test_what_has_no_pictures_has_none(home: DiscoveredHome) -> None:
    await home.announce("switch", name="S", command_topic="s")
    assert (picture(home), picture(home, "nobody")) == (None, None)


CONTENT = {"picture": (PNG, "image/png"), "drawing": (b"<svg/>", "image/svg+xml"), "page": (b"<p>", "text/html")}


async def serve(request: web.Request) -> web.StreamResponse:
    """Serve a picture, a drawing, a page, and a picture that does not end."""
    name = request.match_info["name"]
    if name in CONTENT:
        content, content_type = CONTENT[name]
        return web.Response(body=content, content_type=content_type)
    if name != "endless":
        raise web.HTTPNotFound
    response = web.StreamResponse(headers={"Content-Type": "image/png"})
    await response.prepare(request)
    while True:
        await response.write(bytes(1 << 20))


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{name}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_picture_is_fetched_from_its_address(site: str) -> None:
    assert await fetch(f"{site}/picture") == Picture(content=PNG, content_type="image/png")
    assert (await fetch(f"{site}/drawing")).content_type == "image/jpeg"  # no scripts in the dashboard


@pytest.mark.parametrize("path", ["page", "missing", "endless"])
async def test_what_is_no_picture_is_not_fetched(site: str, path: str) -> None:
    with pytest.raises(ConnectionLost):
        async with asyncio.timeout(60):
            await fetch(f"{site}/{path}")


async def test_nobody_at_the_address_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLost, match="Could not fetch the picture"):
        await fetch("http://127.0.0.1:1/picture")
