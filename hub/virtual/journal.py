"""``logbook.log`` and ``system_log.write``: an automation's own words in the logbook and in the hub's log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from hub.adapters.interfaces import AdapterHost, EntityCall
from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.selectors import TEXT, select

LOGBOOK_ENTRY = "logbook_entry"
"""The event that a line of the logbook is."""
_LEVELS = ("debug", "info", "warning", "error", "critical")

LOG = ActionDescription(
    domain="logbook",
    name="log",
    entity=False,
    description="Writes a line into the logbook.",
    fields=(
        Field(name="name", selector=TEXT, required=True, example="Kitchen"),
        Field(name="message", selector=TEXT, required=True, example="is being used"),
        Field(name="entity_id", selector={"entity": {}}),
        Field(name="domain", selector=TEXT, example="light"),
    ),
)
WRITE = ActionDescription(
    domain="system_log",
    name="write",
    entity=False,
    description="Writes a line into the hub's log.",
    fields=(
        Field(name="message", selector=TEXT, required=True, example="Something went wrong"),
        Field(name="level", selector=select(*_LEVELS), default="error"),
        Field(name="logger", selector=TEXT, example="hearth.automation"),
    ),
)


class Journal:
    """The adapter of an integration with one action that only writes something down."""

    def __init__(self, write: Callable[[AdapterHost, Mapping[str, Any]], None]) -> None:
        self._write = write
        self._host: AdapterHost

    async def run(self, host: AdapterHost) -> None:
        """Wait for actions until cancelled."""
        self._host = host
        host.connected(True)
        await asyncio.get_running_loop().create_future()

    async def execute(self, call: EntityCall) -> None:
        """Write."""
        self._write(self._host, call.data)


def write_logbook(host: AdapterHost, data: Mapping[str, Any]) -> None:
    """Publish a line for the logbook."""
    host.fire(LOGBOOK_ENTRY, dict(data))


def write_system_log(host: AdapterHost, data: Mapping[str, Any]) -> None:
    """Write a line into the log."""
    level = logging.getLevelNamesMapping()[data["level"].upper()]
    logging.getLogger(data.get("logger") or "system_log.external").log(level, "%s", data["message"])
