from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.conversation import MemoryConversationStore, SqliteConversationStore
from hub.core.ports import ConversationStore
from hub.testing.stores import ConversationStoreContract, turn

ROOT = Path(__file__).parents[2]


class TestMemoryStore(ConversationStoreContract):
    @pytest.fixture
    def store(self) -> ConversationStore:
        return MemoryConversationStore()


class TestSqliteStore(ConversationStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[ConversationStore]:
        async with SqliteConversationStore(tmp_path / "conversations.db") as store:
            yield store


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_conversations_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with SqliteConversationStore(path) as store:
        await store.append("kitchen", [turn(1), turn(2)])
    async with SqliteConversationStore(path) as store:
        assert await store.history("kitchen") == [turn(1), turn(2)]


async def test_deleted_text_is_gone_from_the_disk(tmp_path: Path) -> None:
    async with SqliteConversationStore(tmp_path / "conversations.db") as store:
        await store.append("secret", [turn(number, canary="canary-" + "7" * 50) for number in range(200)])
        await store.append("other", [turn(1)])
        await store.delete("secret")
        left = everything_in(tmp_path)
    assert b"canary" not in left
    assert b"turn 1" in left


async def test_a_long_history_is_found_by_its_index(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with SqliteConversationStore(path) as store:
        await store.append("kitchen", [turn(1)])
    connection = sqlite3.connect(path)
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM turns WHERE conversation = 1 ORDER BY id DESC LIMIT 50"
    ).fetchall()
    connection.close()
    assert "USING INDEX turns_by_conversation" in plan[0][-1]
    assert len(plan) == 1  # no sorting


async def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    path.write_bytes(b"not a database" * 1000)
    async with SqliteConversationStore(path) as store:
        await store.append("kitchen", [turn(1)])
    assert b"not a database" in everything_in(tmp_path)


async def test_kill_leaves_whole_appends_only(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    script = Path(__file__).with_name("endless_talker.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(path), stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    said = 0
    for _ in range(30):
        said = int(await process.stdout.readline())
    process.kill()
    await process.communicate()
    async with SqliteConversationStore(path) as store:
        kept = [item async for item in store.export("talk")]
    assert kept == [turn(number) for number in range(len(kept))]
    assert len(kept) % 10 == 0
    assert len(kept) >= said
