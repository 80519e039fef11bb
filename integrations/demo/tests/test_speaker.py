from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from hearth_demo.adapter import SpeakerAdapter
from hearth_demo.codec import request
from hearth_demo.integration import from_service, probe, register_integrations
from hearth_demo.speaker.player import BadCommand, Lamp, Player, Signal
from hub import ConfigEntry, ConnectionLost, DeviceRefused, EntityCall, FoundService, InvalidInput
from hub.testing import RecordingHost
from integrations.demo.tests.conftest import PATIENCE, Program

PROGRAM = "hearth_demo.speaker"
PLAYER, LAMP, SIGNAL = (f"hearth-demo-speaker-{part}" for part in ("player", "lamp", "signal"))


async def port_of(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    return int(line.rpartition(":")[2])


@pytest.fixture
async def speaker(program: Program) -> AsyncIterator[int]:
    """The speaker's process; its port."""
    async with program(PROGRAM, "--seed", "1") as process:
        yield await port_of(process)


@asynccontextmanager
async def adapted(port: int) -> AsyncIterator[tuple[SpeakerAdapter, RecordingHost]]:
    host, data = RecordingHost(), {"host": "127.0.0.1", "port": port}
    adapter = SpeakerAdapter(ConfigEntry(entry_id="1", integration="demo", title="Speaker", data=data))
    running = asyncio.create_task(adapter.run(host), name="adapter")
    try:
        await host.until(lambda: {PLAYER, LAMP, SIGNAL} <= set(host.states) or running.done())
        yield adapter, host
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_adapter_shows_a_player_a_lamp_and_the_signal(speaker: int) -> None:
    async with adapted(speaker) as (_, host):
        assert {entity.domain for entity in host.entities.values()} == {"media_player", "light", "sensor"}
        assert host.connection == (True, None)
        assert host.states[PLAYER].state == "idle"
        assert host.states[LAMP].state == "off"
        assert -100 < int(host.states[SIGNAL].state or 0) < -20
        device = host.entities[PLAYER].device
        assert device is not None
        assert (device.name, device.model) == ("Hearth demo speaker", "SPK-1")


ACTIONS: list[tuple[str, dict[str, Any], str, str, dict[str, Any]]] = [
    ("media_player.media_play", {}, PLAYER, "playing", {"media_title": "Morning Dew on the Porch"}),
    ("media_player.media_play_pause", {}, PLAYER, "paused", {}),
    ("media_player.media_seek", {"seek_position": 30}, PLAYER, "paused", {"media_position": 30}),
    ("media_player.media_next_track", {}, PLAYER, "paused", {"media_title": "Slow Kettle"}),
    ("media_player.media_previous_track", {}, PLAYER, "paused", {"media_position": 0}),
    ("media_player.media_play_pause", {}, PLAYER, "playing", {}),
    ("media_player.media_pause", {}, PLAYER, "paused", {}),
    ("media_player.media_stop", {}, PLAYER, "idle", {}),
    ("media_player.volume_set", {"volume_level": 0.8}, PLAYER, "idle", {"volume_level": 0.8}),
    ("media_player.volume_up", {}, PLAYER, "idle", {"volume_level": 0.9}),
    ("media_player.volume_down", {}, PLAYER, "idle", {"volume_level": 0.8}),
    ("media_player.volume_mute", {"is_volume_muted": True}, PLAYER, "idle", {"is_volume_muted": True}),
    ("media_player.select_source", {"source": "Radio"}, PLAYER, "idle", {"source": "Radio"}),
    ("media_player.toggle", {}, PLAYER, "off", {}),
    ("media_player.toggle", {}, PLAYER, "idle", {}),
    ("media_player.turn_off", {}, PLAYER, "off", {}),
    ("media_player.turn_on", {}, PLAYER, "idle", {}),
    ("light.turn_on", {}, LAMP, "on", {"brightness": 128}),
    ("light.turn_on", {"brightness_pct": 20}, LAMP, "on", {"brightness": 51}),
    ("light.turn_on", {"brightness": 0}, LAMP, "off", {}),
    ("light.toggle", {}, LAMP, "on", {"brightness": 51}),
    ("light.turn_off", {}, LAMP, "off", {}),
]


async def test_an_action_is_done_and_reported_before_it_returns(speaker: int) -> None:
    async with adapted(speaker) as (adapter, host):
        for action, data, unique_id, state, attributes in ACTIONS:
            await adapter.execute(EntityCall(action=action, unique_ids=(unique_id,), data=data))
            report = host.states[unique_id]
            assert report.state == state, action
            assert report.attributes is not None
            assert {key: report.attributes[key] for key in attributes} == attributes, action


async def test_what_the_speaker_refuses_is_said(speaker: int) -> None:
    async with adapted(speaker) as (adapter, _):
        call = EntityCall(action="media_player.select_source", unique_ids=(PLAYER,), data={"source": "Tape"})
        with pytest.raises(DeviceRefused, match="Expected one of Music, Radio, Line in, got 'Tape'"):
            await adapter.execute(call)


async def test_a_player_that_plays_on_says_nothing_new(speaker: int) -> None:
    async with adapted(speaker) as (adapter, host):
        await adapter.execute(EntityCall(action="media_player.media_play", unique_ids=(PLAYER,)))
        first, told = host.states[PLAYER], len(host.reports)
        await host.until(lambda: len(host.reports) > told)
        assert host.states[PLAYER] == first


async def test_the_adapter_says_when_the_speaker_is_gone(program: Program) -> None:
    async with program(PROGRAM) as process:
        port = await port_of(process)
        data = {"host": "127.0.0.1", "port": port}
        host = RecordingHost()
        adapter = SpeakerAdapter(ConfigEntry(entry_id="1", integration="demo", title="Speaker", data=data))
        running = asyncio.create_task(adapter.run(host), name="adapter")
        await host.until(lambda: PLAYER in host.states)
        process.kill()
        await process.wait()
        with pytest.raises(ConnectionLost, match=f"Expected a speaker at http://127.0.0.1:{port}, got no answer"):
            await running


async def test_the_dialog_learns_who_the_speaker_is(speaker: int) -> None:
    probed = await probe({"host": "127.0.0.1", "port": speaker})
    assert (probed.title, probed.unique_id) == ("Hearth demo speaker", "hearth-demo-speaker")
    [integration] = register_integrations()
    assert integration.config_schema(dict(probed.data)) == {"host": "127.0.0.1", "port": speaker}


async def test_something_else_at_the_address_is_not_taken_for_a_speaker(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionLost, match="got no answer"):
        await probe({"host": "127.0.0.1", "port": unused_tcp_port})

    body = b'{"id": "oven"}'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", unused_tcp_port):
        with pytest.raises(ConnectionLost, match="got something else"):
            await probe({"host": "127.0.0.1", "port": unused_tcp_port})


async def test_the_speaker_is_announced_on_loopback_and_says_goodbye(program: Program) -> None:
    changes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    network = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)

    def changed(name: str, state_change: Any, **_: Any) -> None:
        changes.put_nowait((state_change.name, name))

    async def until(change: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while await changes.get() != (change, name):
                pass  # another demo home may be on this loopback

    kind, name = "_hearth-demo._tcp.local.", f"演示音箱 {os.getpid()}._hearth-demo._tcp.local."
    browser = AsyncServiceBrowser(network.zeroconf, [kind], handlers=[changed])
    try:
        async with program(PROGRAM, "--name", f"演示音箱 {os.getpid()}", "--id", "speaker-test") as process:
            port = await port_of(process)
            await until("Added")
            info = AsyncServiceInfo(kind, name)
            assert await info.async_request(network.zeroconf, 5000)
            assert (info.port, info.parsed_addresses()) == (port, ["127.0.0.1"])
            assert info.decoded_properties["id"] == "speaker-test"
        await until("Removed")
    finally:
        await browser.async_cancel()
        await network.async_close()


MISTAKES = [
    ("player", b"not json", "Expected a JSON object"),
    ("player", b"[1]", "Expected a JSON object"),
    ("player", b'{"command": "dance"}', "Expected a command such as play or volume, got 'dance'"),
    ("player", b'{"command": "volume", "value": 7}', "Expected a number from 0 to 1, got 7"),
    ("lamp", b'{"on": "yes"}', "Expected true or false, got 'yes'"),
    ("lamp", b'{"brightness": 0}', "Expected a number from 1 to 255, got 0"),
]


async def test_the_speaker_says_what_it_expected(speaker: int) -> None:
    async with aiohttp.ClientSession() as session:
        for path, body, error in MISTAKES:
            async with session.post(f"http://127.0.0.1:{speaker}/api/{path}", data=body) as response:
                assert response.status == 400
                assert (await response.json())["error"] == error


def test_the_player_goes_on_to_the_next_track() -> None:
    player = Player(clock=lambda: 1000.0)
    player.command("play")
    player.step(213.0)
    assert player.state()["title"] == "Morning Dew on the Porch"
    player.step(2.0)
    assert (player.state()["title"], player.state()["position"]) == ("Slow Kettle", 1.0)
    player.command("previous")
    assert (player.state()["title"], player.state()["position"]) == ("Morning Dew on the Porch", 0.0)
    with pytest.raises(BadCommand):
        player.command("volume", "loud")


def test_the_lamp_and_the_signal_stay_within_their_limits() -> None:
    lamp, signal = Lamp(), Signal(random.Random(1))
    lamp.set({"brightness": 255})
    assert lamp.on
    with pytest.raises(BadCommand):
        lamp.set({"brightness": 256})
    for _ in range(10_000):
        signal.step(60)
        assert -80 < signal.strength < -30


def test_a_service_that_says_too_little_is_not_offered() -> None:
    found = FoundService(
        type="_hearth-demo._tcp.local.", name="X._hearth-demo._tcp.local.", host="127.0.0.1", addresses=(), port=80
    )
    assert from_service(found) is None


def test_an_action_that_the_speaker_does_not_have_is_refused() -> None:
    call = EntityCall(action="media_player.browse_media", unique_ids=(PLAYER,))
    with pytest.raises(InvalidInput, match="Expected an action that the speaker has"):
        request(call, "hearth-demo-speaker", {"player": {"state": "idle"}})
