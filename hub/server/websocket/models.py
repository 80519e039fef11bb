"""Commands on the model: how it is, which there are, and the change to another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import voluptuous as vol

from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.errors import HubError
from hub.inference.remote import BackendPool
from hub.inference.swap import ModelSwap
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection


class ModelCommands:
    """hearth/agent/status, hearth/inference/models, hearth/inference/use."""

    def __init__(self, swap: ModelSwap, servers: BackendPool, audit: Audit) -> None:
        self._swap = swap
        self._servers = servers
        self._audit = audit

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        name = vol.All(str, vol.Length(min=1, max=200))
        return (
            Command(name="hearth/agent/status", needs=Needs.LOGIN, handler=self._status,
                summary="Say how the local model is; to owner and admins also how the servers are that help it."),
            Command(name="hearth/inference/models", needs=Needs.ADMIN, handler=self._models,
                summary="List the models that can be chosen."),
            Command(name="hearth/inference/use", needs=Needs.ADMIN, handler=self._use, fields={
                vol.Required("model"): name},
                summary="Go on with another model, now and after the next start; answered when it is ready."),
        )  # fmt: skip

    async def use(self, name: str, by: Caller, context: Context) -> Mapping[str, Any]:
        """Change the model on behalf of somebody; return how it is.

        Raises NotFound, InferenceError while another one is being loaded, ModelUnavailable if it cannot be loaded.
        """
        entry = AuditEntry(
            kind="settings", subject="model", caller=str(by), user_id=context.user_id, context_id=context.id,
            detail={"model": name},
        )  # fmt: skip
        number = self._audit.intent(entry)
        change = self._swap.begin(name)
        change.add_done_callback(partial(self._note, number))
        if error := await asyncio.shield(change):  # whoever asked may go away: the change goes on
            raise error
        return self._swap.status()

    def _note(self, number: int, change: asyncio.Task[HubError | None]) -> None:
        error = None if change.cancelled() else change.result()
        outcome = "cancelled" if change.cancelled() else "failed" if error else "accepted"
        self._audit.outcome(number, outcome, {"reason": error.key} if error else None)

    def _status(self, connection: Connection, message: dict[str, Any]) -> Any:
        status = self._swap.status()
        return {**status, "servers": self._servers.status()["servers"]} if connection.admin else status

    async def _models(self, connection: Connection, message: dict[str, Any]) -> Any:
        return await self._swap.models()

    async def _use(self, connection: Connection, message: dict[str, Any]) -> Any:
        return await self.use(message["model"], connection.caller, connection.context())
