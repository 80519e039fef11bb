"""Commands on single triggers, conditions and steps, without an automation around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol

from hub.blueprints.pieces import Pieces
from hub.core.context import Context
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

_MANY = vol.Any(dict, list)
_PARTS = {
    "triggers": "triggers",
    "conditions": "conditions",
    "actions": "actions",
    "trigger": "triggers",
    "condition": "conditions",
    "action": "actions",
}
"""The keys that ``validate_config`` takes, the older ones last, and what each holds."""


class TriggerCommands:
    """subscribe_trigger, test_condition, validate_config, execute_script."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        variables = {vol.Optional("variables", default=dict): dict}
        return (
            Command(name="subscribe_trigger", needs=Needs.ADMIN, handler=self._subscribe,
                    fields={vol.Required("trigger"): _MANY, **variables},
                    summary="Follow a trigger: an event with its variables each time it happens."),
            Command(name="test_condition", needs=Needs.ADMIN, handler=self._test,
                    fields={vol.Required("condition"): vol.Any(dict, list, str), **variables},
                    summary="Say whether a condition holds now."),
            Command(name="validate_config", needs=Needs.ADMIN, handler=self._validate, fields=dict.fromkeys(_PARTS, object),
                    summary="Say what is wrong with triggers, conditions and actions, if anything is."),
            Command(name="execute_script", needs=Needs.ADMIN, handler=self._execute,
                    fields={vol.Required("sequence"): _MANY, **variables},
                    summary="Carry out steps as an automation would, in your own name."),
        )  # fmt: skip

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> None:
        id_ = message["id"]

        def fire(variables: Mapping[str, Any], context: Context) -> None:
            connection.event(id_, {"variables": {"trigger": variables}, "context": context.as_dict()})

        unlisten = self._pieces.listen(message["trigger"], message["variables"], fire)
        connection.subscribe(id_, unlisten)

    def _test(self, connection: Connection, message: dict[str, Any]) -> Any:
        return {"result": self._pieces.test(message["condition"], message["variables"])}

    def _validate(self, connection: Connection, message: dict[str, Any]) -> Any:
        problems = {key: self._pieces.problem(part, message[key]) for key, part in _PARTS.items() if key in message}
        return {key: {"valid": problem is None, "error": problem} for key, problem in problems.items()}

    async def _execute(self, connection: Connection, message: dict[str, Any]) -> Any:
        context = connection.context()
        response = await self._pieces.perform(message["sequence"], message["variables"], context, connection.caller)
        return {"context": context.as_dict(), "response": response}
