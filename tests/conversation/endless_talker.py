"""Appends ten turns at a time without end and tells how many are surely kept: made to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hub.conversation import SqliteConversationStore
from hub.testing.stores import turn


async def talk(path: Path) -> None:
    async with SqliteConversationStore(path) as store:
        said = 0
        while True:
            await store.append("talk", [turn(number) for number in range(said, said + 10)])
            said += 10
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(talk(Path(sys.argv[1])))
