from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.core.clock import SimulatedClock
from hub.core.records import AuditEntry
from hub.errors import StorageError
from hub.security.audit import AuditLog

ROOT = Path(__file__).parents[2]
DAY = 86_400.0
Change = Callable[[str], None]


COPY = """INSERT INTO audit
SELECT {}, time, of, kind, subject, caller, user_id, context_id, detail, outcome, hash FROM audit WHERE number = 6"""


def an_entry(subject: str = "light.hall", **detail: Any) -> AuditEntry:
    return AuditEntry(kind="action", subject=subject, caller="user", user_id="u1", context_id="c1", detail=detail)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.db"


@pytest.fixture
def change(path: Path) -> Change:
    """Change the database file behind the audit's back."""

    def run(statement: str) -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(statement)
        connection.close()

    return run


async def fill(path: Path, clock: SimulatedClock, acts: int = 10) -> None:
    async with AuditLog(path, clock) as log:
        for number in range(acts):
            log.outcome(log.intent(an_entry(f"light.l{number}")), "accepted")


async def test_an_act_is_shown_with_its_outcome_newest_first(audit: AuditLog, clock: SimulatedClock) -> None:
    first = audit.intent(an_entry("light.a", action="light.turn_on"))
    second = audit.intent(an_entry("light.b"))
    await clock.advance(2)
    audit.outcome(first, "failed", {"error": "no answer"})
    newest, older = await audit.rows(limit=2)
    assert (newest.number, newest.subject, newest.outcome, newest.finished) == (second, "light.b", None, None)
    assert (older.subject, older.outcome, older.outcome_detail) == ("light.a", "failed", {"error": "no answer"})
    assert (older.detail, older.caller, older.user_id, older.context_id) == (
        {"action": "light.turn_on"},
        "user",
        "u1",
        "c1",
    )
    assert older.finished == older.time + 2
    assert [row.number for row in await audit.rows(limit=1, before=second)] == [first]


async def test_an_act_that_is_over_when_it_is_written_needs_one_row(audit: AuditLog) -> None:
    audit.intent(AuditEntry(kind="login", subject="ann", caller="user", outcome="refused"))
    (row,) = await audit.rows(limit=1)
    assert (row.outcome, row.finished) == ("refused", row.time)


async def test_the_intent_is_on_disk_before_anything_else_happens(audit: AuditLog, path: Path) -> None:
    audit.intent(an_entry("lock.front_door"))
    assert b"lock.front_door" in path.with_suffix(".journal").read_bytes()


async def test_secrets_and_large_details_are_left_out(audit: AuditLog, path: Path) -> None:
    audit.intent(an_entry("lock.door", code="canary-1", nested={"api_key": "canary-2"}, url="mqtt://u:canary-3@host"))
    audit.intent(an_entry("notify.phone", text="x" * 5000))
    large, small = await audit.rows(limit=2)
    assert "omitted_characters" in large.detail
    assert small.detail == {
        "code": "**REDACTED**",
        "nested": {"api_key": "**REDACTED**"},
        "url": "mqtt://u:**REDACTED**@host",
    }
    assert b"canary" not in everything_in(path.parent)


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_names_that_are_no_unicode_cannot_escape_the_audit(audit: AuditLog) -> None:
    audit.intent(an_entry("light.\ud800", thing="\udfff"))
    (row,) = await audit.rows(limit=1)
    assert (row.subject, row.detail) == ("light.?", {"thing": "?"})
    assert (await audit.verify()).ok


async def test_the_chain_is_sound_over_restarts(path: Path, clock: SimulatedClock) -> None:
    for _ in range(3):
        await fill(path, clock, acts=5)
    async with AuditLog(path, clock) as log:
        found = await log.verify()
        assert found.ok, found
        assert found.rows == 3 * (2 + 2 * 5) + 1
        assert [row.outcome for row in await log.rows() if row.kind == "audit"] == [None, *["accepted"] * 3]


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET subject = 'light.other' WHERE number = 6", 6),
        ("UPDATE audit SET outcome = 'refused' WHERE number = 7", 7),
        ("UPDATE audit SET time = time + 1e-6 WHERE number = 8", 8),
        ("UPDATE audit SET hash = zeroblob(32) WHERE number = 6", 6),
        ("DELETE FROM audit WHERE number = 6", 7),
        ("DELETE FROM audit WHERE number > 15", 16),
        ("DELETE FROM audit WHERE number < 6", 6),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET number = CASE number WHEN 6 THEN -8 WHEN 8 THEN -6 END WHERE number IN (6, 8)", -6),
        (COPY.format(100), 100),
        (COPY.format(0), 1),
    ],
)
async def test_changes_behind_its_back_are_found(
    path: Path, clock: SimulatedClock, change: Change, statement: str, number: int
) -> None:
    await fill(path, clock)
    log = AuditLog(path, clock)
    async with log:
        change(statement)
        found = await log.verify()
        assert not found.ok
        assert found.number == number


@pytest.mark.parametrize("statement", ["DELETE FROM audit WHERE number > 15", "DELETE FROM audit"])
async def test_an_end_cut_off_while_the_hub_was_down_stays_visible(
    path: Path, clock: SimulatedClock, change: Change, statement: str, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(path, clock)
    change(statement)
    await fill(path, clock)
    async with AuditLog(path, clock) as log:
        found = await log.verify()
    assert not found.ok
    assert "rows were taken away or changed" in caplog.text


async def test_old_rows_go_and_a_row_accounts_for_them(path: Path, clock: SimulatedClock) -> None:
    async with AuditLog(path, clock, keep_days=30) as log:
        for day in range(60):
            log.outcome(log.intent(an_entry(f"light.day{day}")), "accepted")
            await clock.advance(DAY)
        deleted = await log.purge()
        assert deleted == 1 + 2 * 30
        assert await log.purge() == 0
        found = await log.verify()
        assert found.ok, found
        rows = await log.rows(limit=1000)
        assert [row.subject for row in rows][:2] == ["retention", "light.day59"]
        assert rows[-1].subject == "light.day30"
        assert rows[0].detail["through"] == deleted
    async with AuditLog(path, clock) as log:
        assert (await log.verify()).ok


async def test_deleting_more_than_was_accounted_for_is_found(path: Path, clock: SimulatedClock, change: Change) -> None:
    async with AuditLog(path, clock, keep_days=30) as log:
        for day in range(60):
            log.intent(an_entry(f"light.day{day}"))
            await clock.advance(DAY)
        deleted = await log.purge()
        change(f"DELETE FROM audit WHERE number = {deleted + 1}")  # noqa: S608
        assert not (await log.verify()).ok


async def test_a_damaged_database_is_kept_aside_and_accounted_for(path: Path, clock: SimulatedClock) -> None:
    await fill(path, clock)
    spoil(path)
    async with AuditLog(path, clock) as log:
        log.intent(an_entry("light.later"))
        found = await log.verify()
        assert found.ok, found
        replaced = [row for row in await log.rows() if row.subject == "replaced"]
        assert replaced[0].detail["kept_as"].startswith("audit.db.damaged-")
        assert replaced[0].detail["through"] == 22
        assert min(row.number for row in await log.rows()) > 22


def spoil(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


async def test_nothing_may_be_done_when_the_journal_cannot_be_written(
    audit: AuditLog, caplog: pytest.LogCaptureFixture
) -> None:
    number = audit.intent(an_entry())
    audit._journal.close()
    with pytest.raises(StorageError, match=r"audit\.journal"):
        audit.intent(an_entry())
    audit.outcome(number, "accepted")
    assert f"The outcome of act {number} (accepted) could not be written" in caplog.text
    audit._journal.open()
    assert audit.intent(an_entry()) == number + 1


async def test_rows_that_cannot_be_stored_wait_in_the_journal(
    path: Path, clock: SimulatedClock, change: Change
) -> None:
    async with AuditLog(path, clock) as log:
        change("ALTER TABLE audit RENAME TO elsewhere")
        log.intent(an_entry("light.waits"))
        with pytest.raises(StorageError, match=r"audit\.db"):
            await log.flush()
        change("ALTER TABLE elsewhere RENAME TO audit")
        assert (await log.rows(limit=1))[0].subject == "light.waits"
        assert (await log.verify()).ok


async def test_it_moves_rows_by_itself_and_the_rest_when_cancelled(
    path: Path, clock: SimulatedClock, audit: AuditLog
) -> None:
    running = asyncio.create_task(audit.run())
    for number in range(5):
        audit.outcome(audit.intent(an_entry(f"light.l{number}")), "accepted")
        await clock.advance(1)
    audit.intent(an_entry("light.last"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM audit").fetchone() == (12,)
    connection.close()


async def act_until_killed(path: Path, lines: int) -> tuple[int, int]:
    """Return how many acts were begun and how many finished for sure when the process was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("endless_actor.py")),
        str(path),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    for _ in range(lines):
        await process.stdout.readline()
    process.kill()
    await process.communicate()
    acts = path.with_name("acts").read_text().split()
    return acts.count("begin"), acts.count("end")


@pytest.mark.parametrize("kills", [3, pytest.param(300, marks=pytest.mark.long)])
async def test_kill_leaves_no_act_without_a_row(path: Path, clock: SimulatedClock, kills: int) -> None:
    begun = finished = 0
    for _ in range(kills):
        begun, finished = await act_until_killed(path, random.randrange(1, 50))
    async with AuditLog(path, clock) as log:
        found = await log.verify()
        assert found.ok, found
        rows = [row for row in await log.rows(limit=1_000_000) if row.kind == "action"]
        assert len(rows) >= begun
        outcomes = [row.outcome for row in rows]
        assert outcomes.count("accepted") >= finished
        assert None not in outcomes
        assert outcomes.count("unknown") <= kills
        assert len({row.number for row in rows}) == len(rows)


async def test_a_copy_of_the_folder_taken_at_any_moment_starts(
    path: Path, clock: SimulatedClock, tmp_path: Path
) -> None:
    async with AuditLog(path, clock) as log:
        for number in range(30):
            log.outcome(log.intent(an_entry(f"light.l{number}")), "accepted")
            if number % 10 == 0:
                await log.flush()
        copy = tmp_path / "copy"
        copy.mkdir()
        for file in (*path.parent.glob("audit.*"),):
            shutil.copy(file, copy)
    async with AuditLog(copy / "audit.db", clock) as log:
        found = await log.verify()
        assert found.ok, found
        assert len([row for row in await log.rows(limit=1000) if row.kind == "action"]) == 30
