"""Commands on states, events and actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import voluptuous as vol

from hub.core.actions import Action, ActionResult, ActionTable, Outcome, ResponseMode, Target
from hub.core.bus import ALL, EventBus
from hub.core.events import TYPED, AnyEvent, Event
from hub.core.ports import Actions
from hub.core.states import States
from hub.errors import InvalidInput, NotFound, Refused, UnknownAction
from hub.server.needs import Needs, permits
from hub.server.websocket.command import ANSWERED, Command, CommandFailed
from hub.server.websocket.connection import Connection, encode
from hub.server.websocket.feed import EntityFeed
from hub.server.websocket.moves import Moves
from hub.server.websocket.subscriptions import subscription_to

MAX_EVENT_TYPE = 64


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
            Command(name="ping", needs=Needs.LOGIN, summary="Get a pong.", handler=_ping),
            Command(name="supported_features", needs=Needs.LOGIN, summary="Say what the client can do: `coalesce_messages` allows several messages in a frame.",
                    handler=_features, fields={vol.Required("features"): {str: object}}),
            Command(name="get_states", needs=Needs.LOGIN, summary="List all states.", handler=self._get_states),
            Command(name="get_services", needs=Needs.LOGIN, summary="List all actions by domain.",
                    handler=lambda *_: services_by_domain(self._table)),
            Command(name="subscribe_entities", needs=Needs.LOGIN, summary="Follow states: all of them, then differences, with `max_hz` at most so many times a second.",
                    handler=self._subscribe_entities, fields={
                "entity_ids": [str], "max_hz": vol.All(vol.Coerce(float), vol.Range(min=0, max=60))}),
            Command(name="subscribe_events", needs=Needs.LOGIN, summary="Follow events of one type, or of all.",
                    handler=self._subscribe_events, fields={"event_type": str}),
            Command(name="unsubscribe_events", needs=Needs.LOGIN, summary="End a subscription, of whatever kind.",
                    handler=_unsubscribe, fields={vol.Required("subscription"): int}),
            Command(name="fire_event", needs=Needs.ADMIN, summary="Publish an event.", handler=self._fire, fields={
                vol.Required("event_type"): str, vol.Optional("event_data", default=dict): dict}),
            Command(name="call_service", needs=Needs.LOGIN, summary="Call an action.", handler=self._call, fields={
                vol.Required("domain"): str, vol.Required("service"): str, vol.Optional("service_data", default=dict): dict,
                vol.Optional("target", default=dict): vol.Any(target, None), vol.Optional("return_response", default=False): bool}),
        )  # fmt: skip

    def _get_states(self, connection: Connection, message: dict[str, Any]) -> Any:
        states = connection.sight.among(self._states.all(), lambda state: state.entity_id)
        return [orjson.Fragment(state.json()) for state in states]

    def _subscribe_entities(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_ = message["id"]
        before, after = b'{"id":%d,"type":"event","event":' % id_, b"}"
        connection.result(id_)
        ids = frozenset(message["entity_ids"]) if message.get("entity_ids") is not None else None
        put = connection.outbox.put
        view = connection.sight.within(ids)

        def send(event: bytes) -> None:
            put(before + event + after)

        unwatch = self._feed.watch(send, view, message.get("max_hz", 0.0))
        if view is not None and not connection.sight.everything:
            unwatch = _both(unwatch, Moves(self._states, self._bus, view, send).close)
        connection.subscribe(id_, unwatch)
        return ANSWERED

    def _subscribe_events(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, type_ = message["id"], message.get("event_type", ALL)
        subscription, sight = subscription_to(type_), connection.sight
        if not permits(subscription.needs, connection.principal.role, sight):
            raise Refused("Unauthorized")

        def forward(event: AnyEvent) -> None:
            if event.type != "state_reported" or type_ == "state_reported":
                connection.send(encode({"id": id_, "type": "event", "event": event.as_dict()}))

        def forward_seen(event: AnyEvent) -> None:
            if subscription.shown(sight, event):
                forward(event)

        connection.subscribe(id_, self._bus.listen(type_, forward if sight.everything else forward_seen))

    def _fire(self, connection: Connection, message: dict[str, Any]) -> Any:
        context = connection.context()
        check_event_type(message["event_type"])
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


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def end() -> None:
        first()
        second()

    return end


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


def check_event_type(type_: str) -> None:
    """Do nothing if a client may publish events of this type.

    Raises InvalidInput.
    """
    if type_ in TYPED:
        raise InvalidInput(
            f"Expected another event type than {type_}, which the hub alone publishes", path=("event_type",)
        )
    if not 0 < len(type_) <= MAX_EVENT_TYPE or not type_.isprintable():
        raise InvalidInput(
            f"Expected an event type of 1 to {MAX_EVENT_TYPE} printable characters", path=("event_type",)
        )


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
