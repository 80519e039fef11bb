"""Contract suites for stores: what every implementation must do, for the hub's own and for anybody's.

They need pytest with pytest-asyncio in its automatic mode. Subclass a suite in your tests and give it a ``store`` fixture that yields an empty store::

    class TestMyStore(ConversationStoreContract):
        @pytest.fixture
        async def store(self, tmp_path: Path) -> AsyncIterator[ConversationStore]:
            async with MyStore(tmp_path) as store:
                yield store
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.core.ports import ConversationStore, Turn
from hub.errors import InvalidInput


def turn(number: int, role: str = "user", **data: Any) -> Turn:
    """Return a turn that can be told from others."""
    return Turn(role=role, text=f"turn {number}", time=1_700_000_000.0 + number, data=data)


class ConversationStoreContract:
    """What a ``ConversationStore`` must do."""

    async def test_turns_come_back_oldest_first_and_as_they_were(self, store: ConversationStore) -> None:
        said = [turn(1), turn(2, "assistant", calls=[{"action": "light.turn_on", "confidence": 0.5}]), turn(3, "tool")]
        await store.append("kitchen", said[:2])
        await store.append("kitchen", said[2:])
        assert await store.history("kitchen") == said

    async def test_history_gives_the_last_turns(self, store: ConversationStore) -> None:
        await store.append("kitchen", [turn(number) for number in range(20)])
        assert await store.history("kitchen", limit=3) == [turn(17), turn(18), turn(19)]
        assert await store.history("kitchen", limit=0) == []
        assert len(await store.history("kitchen", limit=1000)) == 20

    async def test_conversations_are_apart(self, store: ConversationStore) -> None:
        await store.append("a", [turn(1)])
        await store.append("b", [turn(2)])
        assert await store.history("a") == [turn(1)]
        assert await store.history("nobody") == []

    async def test_append_keeps_all_turns_or_none(self, store: ConversationStore) -> None:
        await store.append("kitchen", [turn(1)])
        for bad in (turn(3, "stranger"), turn(3, thing=object()), Turn(role="user", text="\ud800", time=0.0)):
            with pytest.raises(InvalidInput) as refused:
                await store.append("kitchen", [turn(2), bad])
            assert refused.value.path[:2] == ("turns", 1)
        assert await store.history("kitchen") == [turn(1)]

    async def test_what_the_caller_changes_later_is_not_changed_in_the_store(self, store: ConversationStore) -> None:
        data: dict[str, Any] = {"calls": [1]}
        turns = [Turn(role="user", text="on", time=0.0, data=data)]
        await store.append("kitchen", turns)
        data["calls"].append(2)
        turns.clear()
        assert [kept.data for kept in await store.history("kitchen")] == [{"calls": [1]}]

    async def test_delete_forgets_a_conversation_and_says_whether_there_was_one(self, store: ConversationStore) -> None:
        await store.append("a", [turn(1)])
        await store.append("b", [turn(2)])
        assert await store.delete("a") is True
        assert await store.delete("a") is False
        assert await store.history("a") == []
        assert await store.history("b") == [turn(2)]
        await store.append("a", [turn(3)])
        assert await store.history("a") == [turn(3)]

    async def test_export_yields_every_turn_of_a_long_conversation(self, store: ConversationStore) -> None:
        for start in range(0, 2500, 500):
            await store.append("long", [turn(number) for number in range(start, start + 500)])
            await store.append("other", [turn(0)])
        assert [item async for item in store.export("long")] == [turn(number) for number in range(2500)]
        assert [item async for item in store.export("nobody")] == []

    async def test_turns_appended_at_once_are_all_kept_and_each_group_stays_together(
        self, store: ConversationStore
    ) -> None:
        groups = [[turn(10 * group + number) for number in range(5)] for group in range(20)]
        await asyncio.gather(*(store.append("busy", group) for group in groups))
        kept = await store.history("busy", limit=200)
        assert len(kept) == 100
        assert sorted(groups, key=lambda group: kept.index(group[0])) == [kept[i : i + 5] for i in range(0, 100, 5)]

    async def test_any_unicode_text_and_id_can_be_kept(self, store: ConversationStore) -> None:
        odd = "客厅 🏠 \x00 ' \" %s :x\n<script>"
        await store.append(odd, [Turn(role="user", text=odd, time=1.5, data={odd: odd})])
        assert await store.history(odd) == [Turn(role="user", text=odd, time=1.5, data={odd: odd})]

    async def test_an_empty_append_changes_nothing(self, store: ConversationStore) -> None:
        await store.append("kitchen", [])
        assert await store.history("kitchen") == []
        assert await store.delete("kitchen") is False
