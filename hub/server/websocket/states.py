"""Commands on states, events and actions."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import orjson
import voluptuous as vol

from hub.core.actions import Action, ActionResult, ActionTable, Outcome, ResponseMode, Target
from hub.core.bus import ALL, EventBus
from hub.core.events import AnyEvent, Event
from hub.core.ports import Actions
from hub.core.states import States
from hub.errors import NotFound, Refused, UnknownAction
from hub.server.websocket.command import ANSWERED, Command, CommandFailed
from hub.server.websocket.connection import Connection, encode
from hub.server.websocket.feed import EntityFeed

_PUBLIC_EVENTS = frozenset(
    {
        "area_registry_updated",
        "component_loaded",
        "core_config_updated",
        "device_registry_updated",
        "entity_registry_updated",
        "floor_registry_updated",
        "label_registry_updated",
        "service_registered",
        "service_removed",
        "state_changed",
    }
)
"""Events that users who are no admins may follow."""


class StateCommands:
    """get_states, subscribe_entities, subscribe_events, fire_event, call_service, get_services, ping and the like."""

    def __init__(self, states: States, bus: EventBus, actions: Actions, table: ActionTable) -> None:
        self._states = states
        self._bus = bus
        self._actions = actions
        self._table = table
        self._feed = EntityFeed(states, bus)

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        target = {str: vol.Any(str, [str], None)}
        return (
            Command(name="ping", handler=_ping),
            Command(name="supported_features", handler=_features, fields={vol.Required("features"): {str: object}}),
            Command(name="get_states", handler=self._get_states),
            Command(name="get_services", handler=lambda *_: services_by_domain(self._table)),
            Command(name="subscribe_entities", handler=self._subscribe_entities, fields={
                "entity_ids": [str], "max_hz": vol.All(vol.Coerce(float), vol.Range(min=0, max=60))}),
            Command(name="subscribe_events", handler=self._subscribe_events, fields={"event_type": str}),
            Command(name="unsubscribe_events", handler=_unsubscribe, fields={vol.Required("subscription"): int}),
            Command(name="fire_event", handler=self._fire, admin=True, fields={
                vol.Required("event_type"): str, vol.Optional("event_data", default=dict): dict}),
            Command(name="call_service", handler=self._call, fields={
                vol.Required("domain"): str, vol.Required("service"): str, vol.Optional("service_data", default=dict): dict,
                vol.Optional("target", default=dict): vol.Any(target, None), vol.Optional("return_response", default=False): bool}),
        )  # fmt: skip

    def _get_states(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [orjson.Fragment(state.json()) for state in self._states.all()]

    def _subscribe_entities(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_ = message["id"]
        before, after = b'{"id":%d,"type":"event","event":' % id_, b"}"
        connection.result(id_)
        ids = frozenset(message["entity_ids"]) if message.get("entity_ids") is not None else None
        put = connection.outbox.put
        unwatch = self._feed.watch(lambda event: put(before + event + after), ids, message.get("max_hz", 0.0))
        connection.subscribe(id_, unwatch)
        return ANSWERED

    def _subscribe_events(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, type_ = message["id"], message.get("event_type", ALL)
        if not connection.admin and type_ not in _PUBLIC_EVENTS:
            raise Refused("Unauthorized")

        def forward(event: AnyEvent) -> None:
            if event.type != "state_reported" or type_ == "state_reported":
                connection.send(encode({"id": id_, "type": "event", "event": event.as_dict()}))

        connection.subscribe(id_, self._bus.listen(type_, forward))

    def _fire(self, connection: Connection, message: dict[str, Any]) -> Any:
        context = connection.context()
        self._bus.publish(Event(message["event_type"], message["event_data"], context, time.time()))
        return {"context": context.as_dict()}

    async def _call(self, connection: Connection, message: dict[str, Any]) -> Any:
        name = f"{message['domain']}.{message['service']}"
        self._check_response(name, wanted=message["return_response"])
        action = Action(name=name, target=Target.parse(message["target"]), data=message["service_data"])
        context = connection.context()
        result = await self._actions.call(action, context=context, caller=connection.caller)
        _raise_failure(result)
        response = {"response": result.response} if message["return_response"] else {}
        return {"context": context.as_dict(), **response}

    def _check_response(self, name: str, *, wanted: bool) -> None:
        try:
            mode = self._table.get(name).response
        except UnknownAction:
            domain, _, service = name.partition(".")
            message = f"Service {name} not found."
            raise CommandFailed("not_found", message, "service_not_found", domain=domain, service=service) from None
        if wanted and mode is ResponseMode.NONE:
            raise _wrong_response(
                "An action which does not return responses can't be called with return_response=True",
                "service_does_not_support_response",
            )
        if not wanted and mode is ResponseMode.ONLY:
            raise _wrong_response(
                "The action requires responses and must be called with return_response=True",
                "service_lacks_response_request",
            )


def _wrong_response(message: str, translation: str) -> CommandFailed:
    asked = {"return_response": "return_response=True"}
    return CommandFailed("service_validation_error", f"Validation error: {message}", translation, **asked)


def _raise_failure(result: ActionResult) -> None:
    message = result.error or "The action failed"
    if result.outcome is Outcome.REFUSED:
        raise Refused(message)
    if result.outcome is Outcome.UNKNOWN:
        raise CommandFailed("timeout", message)
    if result.outcome is Outcome.FAILED:
        known = result.error_key if result.error_key == "service_validation_error" else "home_assistant_error"
        raise CommandFailed(known, message)


def services_by_domain(table: ActionTable) -> dict[str, dict[str, Any]]:
    """Return every action in ``get_services``' form."""
    shown: dict[str, dict[str, Any]] = {}
    for description in table:
        shown.setdefault(description.domain, {})[description.name] = description.as_dict()
    return shown


def _ping(connection: Connection, message: dict[str, Any]) -> Any:
    connection.send(encode({"id": message["id"], "type": "pong"}))
    return ANSWERED


def _features(connection: Connection, message: dict[str, Any]) -> None:
    connection.outbox.coalesce = bool(message["features"].get("coalesce_messages"))


def _unsubscribe(connection: Connection, message: dict[str, Any]) -> None:
    unsubscribe = connection.subscriptions.pop(message["subscription"], None)
    if unsubscribe is None:
        raise NotFound("Subscription not found.")
    unsubscribe()
