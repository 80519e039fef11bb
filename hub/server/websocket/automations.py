"""Commands on automations, their runs and traces, and blueprints."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.blueprints import Automations
from hub.blueprints.trace import run_row, to_trace, trace_row
from hub.core.bus import EventBus
from hub.core.events import RUN_FINISHED, Event
from hub.core.ports import Runs
from hub.core.records import Run
from hub.errors import NotFound
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

_ITEM = {vol.Required("domain"): vol.In(["automation", "script"])}


class AutomationCommands:
    """automation/config, trace/list, trace/get, blueprint/list, hearth/run/* and hearth/automation/list."""

    def __init__(self, automations: Automations, runs: Runs, bus: EventBus) -> None:
        self._automations = automations
        self._runs = runs
        self._bus = bus

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        limit = vol.All(int, vol.Range(min=1, max=500))
        return (
            Command(name="automation/config", needs=Needs.HOUSE, summary="Return an automation as it is written.",
                    handler=self._config, fields={vol.Required("entity_id"): str}),
            Command(name="trace/list", needs=Needs.HOUSE, summary="List an automation's runs, the going ones too.",
                    handler=self._traces, fields={**_ITEM, "item_id": str}),
            Command(name="trace/get", needs=Needs.HOUSE, summary="Return one run step by step.", handler=self._trace, fields={
                **_ITEM, vol.Required("item_id"): str, vol.Required("run_id"): str}),
            Command(name="blueprint/list", needs=Needs.HOUSE, summary="List the blueprints by path.",
                    handler=self._blueprints, fields=_ITEM),
            Command(name="hearth/automation/list", needs=Needs.HOUSE, summary="List the automations, with what is wrong with those that could not be loaded.",
                    handler=self._list),
            Command(name="hearth/run/list", needs=Needs.HOUSE, summary="List runs, newest first.", handler=self._run_list, fields={
                "automation_id": str, vol.Optional("limit", default=100): limit}),
            Command(name="hearth/run/get", needs=Needs.HOUSE, summary="Return one run with everything that was recorded of it.",
                    handler=self._run, fields={vol.Required("run_id"): str}),
            Command(name="hearth/run/subscribe", needs=Needs.HOUSE, summary="Follow the runs that end.", handler=self._subscribe),
        )  # fmt: skip

    def _config(self, connection: Connection, message: dict[str, Any]) -> Any:
        wanted = message["entity_id"]
        found = next((record.id for record in self._automations.records() if record.entity_id == wanted), None)
        if found is None:
            raise NotFound(f"Expected the entity id of an automation, got {wanted!r}")
        return {"config": self._automations.config(found)}

    def _list(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [dataclasses.asdict(record) for record in self._automations.records()]

    async def _blueprints(self, connection: Connection, message: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._automations.blueprints.list, message["domain"])

    async def _traces(self, connection: Connection, message: dict[str, Any]) -> Any:
        finished = reversed(await self._runs.recent(message.get("item_id")))
        return [trace_row(run) for run in (*finished, *self._automations.running(message.get("item_id")))]

    async def _trace(self, connection: Connection, message: dict[str, Any]) -> Any:
        return to_trace(await self._require(message["run_id"]))

    async def _run_list(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [run_row(run) for run in await self._runs.recent(message.get("automation_id"), message["limit"])]

    async def _run(self, connection: Connection, message: dict[str, Any]) -> Any:
        return (await self._require(message["run_id"])).as_dict()

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> None:
        id_ = message["id"]

        def forward(event: Event) -> None:
            connection.event(id_, {"run": event.data})

        connection.subscribe(id_, self._bus.listen(RUN_FINISHED, forward))

    async def _require(self, run_id: str) -> Run:
        run = await self._runs.get(run_id)
        if run is None:
            raise NotFound(f"Expected the id of a recorded run, got {run_id!r}")
        return run
