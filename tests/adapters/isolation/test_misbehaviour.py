"""What an isolated integration does wrong stays in its process, and is shown as the reason of its health."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.isolation.link import MOST_REQUESTS
from hub.core.actions import Outcome
from hub.testing import running_hub
from tests.adapters.isolation.conftest import PACKAGES, WildHome

IMPATIENT = {"patience": 2}


def gone(pid: int) -> bool:
    """Say whether a process is no more; one that nobody has waited for yet counts as gone."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


async def until_gone(pid: int) -> None:
    """Wait for the end of a process that is not a child of this one."""
    async with asyncio.timeout(20):
        while not gone(pid):  # noqa: ASYNC110 - nothing tells of the end of somebody else's child
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("deed", "limits", "reason"),
    [
        ("exit", {}, "Its process ended with status 3"),
        ("kill", {}, "Its process was ended by signal 9 (SIGKILL)"),
        ("segfault", {}, "Its process was ended by signal 11 (SIGSEGV)"),
        ("loop", IMPATIENT, "It did not answer for 2 s (blocked or in a loop) and was ended"),
        ("babble", {}, "It said something that is no message"),
        ("lie", {}, "It said something that is no message: report"),
        ("hang_up", {}, "Its process"),
    ],
)
async def test_what_ends_a_process_is_the_reason_and_it_is_started_anew(
    home: WildHome, deed: str, limits: Mapping[str, Any], reason: str
) -> None:
    await home.begin(limits or True)
    told = await home.ask("pid")
    result = await home.do(deed)
    assert result.outcome in {Outcome.FAILED, Outcome.UNKNOWN, Outcome.ACCEPTED}
    assert reason in await home.ended()
    assert gone(told["pid"])
    assert home.shown("lamp") == "unavailable"
    await home.until(lambda: home.shown("lamp") == "off")
    assert (await home.ask("pid"))["pid"] != told["pid"]
    assert home.how_it_is().restarts == 1


async def test_a_process_that_is_killed_from_outside_is_started_anew(home: WildHome) -> None:
    await home.begin(True)
    os.kill((await home.ask("pid"))["pid"], signal.SIGKILL)
    assert await home.ended() == "Its process was ended by signal 9 (SIGKILL)"
    await home.until(lambda: home.shown("lamp") == "off")


async def test_memory_that_grows_beyond_the_limit_ends_the_process(home: WildHome) -> None:
    await home.begin({"memory_mb": 120, **IMPATIENT})
    assert (await home.do("grow", 110)).ok
    assert "of the 120 MB it may use, and was ended" in await home.ended()


async def test_a_leak_faster_than_the_heart_beats_meets_the_kernels_limit(home: WildHome) -> None:
    await home.begin({"memory_mb": 120})
    result = await home.do("leak")
    assert "MemoryError" in (result.error or "")
    assert "of the 120 MB it may use, and was ended" in await home.ended()


async def test_a_processor_that_is_burnt_for_a_minute_ends_the_process(
    home: WildHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.adapters.isolation.heartbeat._WINDOW", 1.0)
    await home.begin({"cpu_percent": 20, **IMPATIENT})
    await home.do("burn")
    assert "of the 20 % it may use, and was ended" in await home.ended()


async def test_what_a_process_started_ends_with_it(home: WildHome) -> None:
    await home.begin(True)
    offspring = (await home.ask("breed"))["pid"]
    assert not gone(offspring)
    await home.do("exit")
    await home.ended()
    await until_gone(offspring)


async def test_a_short_block_is_no_reason_to_end_it(home: WildHome) -> None:
    await home.begin(IMPATIENT)
    assert (await home.do("block", 1200)).ok
    assert home.how_it_is().restarts == 0


async def test_who_waits_for_a_process_that_ends_is_told(home: WildHome) -> None:
    await home.begin(True)
    waiting = asyncio.create_task(home.do("wait"))
    await home.ask("pid")
    await home.do("exit")
    assert "ended before it answered" in ((await waiting).error or "")


async def test_a_process_that_takes_nothing_in_is_not_told_without_end(home: WildHome) -> None:
    await home.begin({"patience": 60})
    blocked = asyncio.create_task(home.do("block", 3000))
    answers = await asyncio.gather(*(home.do("pid") for _ in range(MOST_REQUESTS + 50)))
    assert sum("is too busy" in (answer.error or "") for answer in answers) >= 50
    assert (await blocked).ok


async def test_a_flood_of_reports_leaves_the_hub_its_turns_and_loses_none(home: WildHome) -> None:
    await home.begin(True)
    flooding = asyncio.create_task(home.do("flood", 20_000))
    turns = 0
    while not flooding.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await flooding).ok
    assert home.shown("counter") == "19999"
    assert turns > 100


async def test_others_go_on_while_one_is_in_a_loop(home: WildHome) -> None:
    await home.begin(IMPATIENT)
    other = home.configure("wild", {}, isolated=True)
    await home.until(lambda: (health := home.adapter_health(other)) is not None and health.connected)
    first = home.supervisor.actuator(home.entry.entry_id)
    assert first is not None
    looping = asyncio.create_task(home.do("loop"))
    await home.ended()
    await looping
    health = home.adapter_health(other)
    assert health is not None
    assert (health.connected, health.restarts) == (True, 0)


async def test_a_crash_at_every_start_waits_longer_each_time_and_says_why(home: WildHome) -> None:
    home.entry = home.configure("wild", {"at_start": "exit"}, isolated=True, plugins=home.wild_plugins())
    assert await home.ended() == "Its process ended with status 3"


async def test_code_that_cannot_be_loaded_is_a_record_with_the_reason(
    home: WildHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "wild"
    broken.mkdir()
    (broken / "manifest.json").write_bytes((PACKAGES / "wild" / "manifest.json").read_bytes())
    (broken / "__init__.py").write_text("import a_library_that_is_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = home.wild_plugins()
    home.entry = home.configure("wild", {}, isolated=True, plugins=plugins)
    await home.until(lambda: plugins.get("wild").reason)
    record = plugins.get("wild")
    assert (record.status, record.reason) == (
        "broken",
        "ModuleNotFoundError: No module named 'a_library_that_is_not_there'",
    )
    assert home.adapter_health(home.entry) is None


async def test_an_interpreter_without_the_hub_is_named(home: WildHome, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(Path(sys.base_prefix, "bin", "python3"))
    home.entry = home.configure("wild", {}, isolated={"python": str(python)}, plugins=home.wild_plugins())
    reason = await home.ended()
    assert f"are hearth-hub and wild installed for {python}?" in reason


@pytest.mark.parametrize("deed", ["pid", "loop"])
async def test_a_process_ends_with_the_hub_even_if_it_is_in_a_loop(deed: str) -> None:
    code = f"""
import asyncio, sys
sys.path[:0] = [{str(Path(__file__).parents[3])!r}, {str(PACKAGES)!r}]
from tests.adapters.isolation.conftest import WildHome

async def main():
    async with WildHome().running() as home:
        await home.begin({{"patience": 600}})
        print((await home.ask("pid"))["pid"], flush=True)
        await home.do({deed!r})
        await asyncio.sleep(600)

asyncio.run(main())
"""
    hub = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert hub.stdout is not None
    pid = int(await hub.stdout.readline())
    hub.kill()
    await hub.communicate()
    await until_gone(pid)


@pytest.mark.usefixtures("_importable")
async def test_a_whole_hub_runs_what_its_configuration_isolates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "site" / "wild-1.0.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wild\nVersion: 1.0.0\n")
    (about / "entry_points.txt").write_text("[hearth.integrations]\nwild = wild\n")
    monkeypatch.syspath_prepend(str(about.parent))
    async with running_hub(tmp_path / "home", integrations={"wild": [{"isolated": {"memory_mb": 200}}]}) as running:
        states = running.hub.states
        await running.until(lambda: states.get("light.wild_lamp") is not None)
        await running.until(lambda: states.get("light.wild_lamp").state == "off")  # type: ignore[union-attr]
        assert "wild.do" in running.hub.table
        assert "wild" not in sys.modules
