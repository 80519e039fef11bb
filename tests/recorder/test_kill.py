from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Query = Callable[..., list[tuple[Any, ...]]]
WRITER = Path(__file__).with_name("endless_writer.py")
ROOT = Path(__file__).parents[2]


async def write_until_killed(path: Path, first: int, lines: int) -> int:
    """Return the last number that the writer said was written when it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(WRITER),
        str(path),
        str(first),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    last = first
    for _ in range(lines):
        last = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).decode()
    await process.wait()
    complete = rest[: rest.rfind("\n") + 1].split()
    return int(complete[-1]) if complete else last


async def test_kill_during_writes_loses_nothing_that_was_committed(path: Path, query: Query) -> None:
    last = 0
    for _ in range(4):
        last = await write_until_killed(path, last, lines=random.randrange(1, 40))
        assert query("PRAGMA integrity_check") == [("ok",)]
        numbers = {number for (number,) in query("SELECT CAST(state AS INTEGER) FROM states")}
        assert numbers >= set(range(1, last + 1))
        assert query("SELECT 1 FROM runs WHERE run_id = ?", f"run{last}") == [(1,)]
        assert query("SELECT count(*) FROM states LEFT JOIN attributes a ON a.id = attributes WHERE a.id IS NULL") == [
            (0,)
        ]
        last = max(numbers)
