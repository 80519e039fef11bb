"""The main job as a new user meets it, in a real browser against a real hub with the demo home."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from conftest import Peer
from hub.server.dashboard import STATIC
from tests.cli.conftest import OWNER, Running, run_hub

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
PATIENCE_MS = 30_000


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Running]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("this test looks at the dashboard, which is not built: run script/run or script/test once")
    async with run_hub(tmp_path / "home", "--demo") as running:
        yield running


@pytest.fixture
async def browser(peer: Peer) -> AsyncIterator[Browser]:
    path = peer("chromium", "apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        await browser.close()


async def test_a_new_user_creates_the_owner_and_uses_the_home(hub: Running, browser: Browser) -> None:
    problems: list[str] = []
    page = await browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.on("pageerror", lambda error: problems.append(str(error)))
    await _welcome(page, hub)
    await _switch_a_light(page)
    await _look_at_history(page, hub)
    await _talk(page, hub)
    await _panel(page, hub)
    await _add_the_speaker(page, hub)
    assert problems == []


async def _welcome(page: Page, hub: Running) -> None:
    assert hub.welcome is not None
    await page.goto(hub.welcome)
    for label, field in (("Your name", "name"), ("User name", "username"), ("Password", "password")):
        await page.get_by_label(label, exact=True).fill(OWNER[field])
    await page.get_by_role("button", name="Create owner").click()
    await expect(page.get_by_role("heading", name="Kitchen", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name="Upstairs", exact=True)).to_be_visible()


async def _switch_a_light(page: Page) -> None:
    switch = page.get_by_role("switch", name=re.compile("garage light", re.IGNORECASE))
    before = await switch.is_checked()
    await switch.click()
    await expect(switch).to_be_checked(checked=not before)


async def _look_at_history(page: Page, hub: Running) -> None:
    await page.goto(f"{hub.url}/e/sensor.living_room_temperature")
    await expect(page.get_by_role("heading", name="History")).to_be_visible()
    await expect(page.locator(".uplot canvas").first).to_be_visible()


async def _talk(page: Page, hub: Running) -> None:
    await page.goto(f"{hub.url}/agent")
    box = page.get_by_role("textbox").last
    for sentence, answer in (
        ("turn off all the lights upstairs", re.compile(r"Turned off \d")),
        ("把楼上的灯都关掉", re.compile("已关闭")),
    ):
        await box.fill(sentence)
        await box.press("Enter")
        await expect(page.get_by_text(answer).last).to_be_visible()


async def _panel(page: Page, hub: Running) -> None:
    """A sentence on the wall panel runs the shipped blueprint, whose agent step is decided by the local model."""
    await page.goto(f"{hub.url}/e/text.wall_panel")
    box = page.get_by_role("textbox", name=re.compile("wall panel", re.IGNORECASE)).first
    await box.fill("turn off the kitchen light")
    await box.press("Enter")
    await expect(page.get_by_text("turn off the kitchen light").first).to_be_visible()  # the hub has heard it
    await page.goto(f"{hub.url}/automations")
    run = page.get_by_role("link", name=re.compile("wall panel says.*Finished", re.DOTALL))
    await run.first.click()
    await expect(page.get_by_text("Confidence").first).to_be_visible()
    await expect(page.get_by_text("light.turn_off").first).to_be_visible()


async def _add_the_speaker(page: Page, hub: Running) -> None:
    await page.goto(f"{hub.url}/devices")
    await page.get_by_role("button", name="Add", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Continue").click()
    await expect(dialog.get_by_text("has been added")).to_be_visible()
    await dialog.get_by_role("button", name="Close").last.click()
