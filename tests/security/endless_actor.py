"""Acts without end, each act audited, and leaves a mark outside at the begin and end of each: made to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from hub.core.clock import SystemClock
from hub.core.records import AuditEntry
from hub.security.audit import AuditLog


async def act(path: Path) -> None:
    marks = os.open(path.with_name("acts"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    async with AuditLog(path, SystemClock()) as log, asyncio.TaskGroup() as tasks:
        tasks.create_task(log.run())
        while True:
            for _ in range(20):
                number = log.intent(AuditEntry(kind="action", subject="light.hall", caller="test"))
                os.write(marks, b"begin\n")
                log.outcome(number, "accepted")
                os.write(marks, b"end\n")
                await asyncio.sleep(0)
            sys.stdout.write(".\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(act(Path(sys.argv[1])))
