"""A discovered entity at work: its facts, its timers, and what it reports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from hearth_mqtt.bus import MessageBus
from hearth_mqtt.discovery.announcement import Announcement
from hearth_mqtt.discovery.availability import Availability
from hearth_mqtt.discovery.channels import Take
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.description import describe_entity
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.identities import Identity
from hearth_mqtt.discovery.incoming import NO_JSON, Incoming
from hearth_mqtt.discovery.memory import Memory
from hearth_mqtt.discovery.model import Component, Decode
from hub import AdapterHost, DeviceDescription, DeviceRefused, EntityDescription, Picture, Report, slugify

_log = logging.getLogger(__name__)

_NOT_FROM_JSON = frozenset(
    [
        "assumed_state",
        "available",
        "device_class",
        "device_info",
        "entity_category",
        "entity_picture",
        "entity_registry_enabled_default",
        "extra_state_attributes",
        "force_update",
        "friendly_name",
        "icon",
        "should_poll",
        "state",
        "supported_features",
        "unique_id",
        "unit_of_measurement",
    ]
)


class DiscoveredEntity:
    """One entity, from its announcement to its removal: a ``Part``.

    Messages change its facts (``take_*``), ``write`` reports them; both are called by the channels.
    """

    def __init__(
        self,
        announcement: Announcement,
        component: Component,
        config: Mapping[str, Any],
        identity: Identity,
        host: AdapterHost,
        memory: Memory,
        before: DiscoveredEntity | None = None,
    ) -> None:
        self.announcement = announcement
        self.identity = identity
        self.unique_id = identity.unique_id
        self._host = host
        self._memory = memory
        self._component = component
        self._config = config
        declaration = Declaration(config=config, render=host.render, variables=self._variables, now=host.clock.time)
        self._model = component.build(declaration)
        self._availability = Availability(declaration, before.availability if before else None)
        model = self._model
        self._remembered = tuple(model.initial) if model.assumed_state else model.remembered
        known = before.facts if before else memory.recall(self.unique_id) if self._remembered else {}
        self._facts: dict[str, Any] = {**model.initial, **known}
        self._extra: Mapping[str, Any] = before.extra if before else {}
        self._read_extra = declaration.reader("json_attributes_template")
        self._changed = True
        self._fresh = False
        self._deadline = 0.0
        self._cancel_expiry: Callable[[], None] | None = None
        self._cancel_later: Callable[[], None] | None = None
        self._shown_available = self.available
        self.description = self._describe()
        self._names = _names(self.description)

    @property
    def available(self) -> bool:
        """Whether it can be reached: its topics say so, and it spoke lately if it has to."""
        return bool(self._availability) and (self._model.expire_after is None or self._fresh)

    @property
    def availability(self) -> Availability:
        """What its availability topics said."""
        return self._availability

    @property
    def device(self) -> DeviceDescription | None:
        """The device that it belongs to."""
        return self.description.device

    @property
    def picture(self) -> Picture | str | None:
        """Its newest picture, or the address of that."""
        return self._model.picture(self._facts) if self._model.picture else None

    @property
    def facts(self) -> Facts:
        """What is known of it."""
        return self._facts

    @property
    def extra(self) -> Mapping[str, Any]:
        """Its attributes out of JSON."""
        return self._extra

    def listens(self) -> list[tuple[str, Take]]:
        """Return its topics, each with what takes their messages."""
        takes: list[tuple[str, Take]] = [
            (topic, partial(self._take_availability, topic)) for topic in self._availability.topics
        ]
        if "json_attributes_topic" in self._config:
            takes.append((self._config["json_attributes_topic"], self._take_extra))
        takes += [(topic, partial(self._take, decode)) for topic, decode in self._model.listens]
        return takes

    @property
    def qos(self) -> int:
        """The quality of service that it asks for."""
        return int(self._config["qos"])

    def show(self) -> None:
        """Announce it to the hub, with what is known of it."""
        self._host.add(self.description)
        self._host.available(self._shown_available, self.unique_id)
        self._report(force=False)

    def write(self) -> None:
        """Report what changed since the last time."""
        if self._changed:
            self._report(force=self._model.force)
            if self._remembered:
                self._memory.keep(self.unique_id, {name: self._facts[name] for name in self._remembered})
        if self._shown_available != self.available:
            self._shown_available = self.available
            self._host.available(self._shown_available, self.unique_id)

    async def act(self, action: str, data: Mapping[str, Any], bus: MessageBus) -> None:
        """Carry out an action (named without its domain), and assume what a silent device does not tell.

        Raises DeviceRefused if the device does not know it; InvalidInput, TemplateError; ConnectionLost.
        """
        act = self._model.actions.get(action)
        if act is None:
            raise DeviceRefused(f"{self} has no {action}")
        effect = act(data, self._facts)
        for message in effect.publishes:
            await bus.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
        self._assume(effect)

    def close(self) -> None:
        """Stop its timers."""
        for cancel in (self._cancel_expiry, self._cancel_later):
            if cancel is not None:
                cancel()
        self._cancel_expiry = self._cancel_later = None

    def withdraw(self, *, forget: bool) -> None:
        """Tell the hub that it is gone: for good, or only out of reach."""
        if forget:
            self._memory.forget(self.unique_id)
            self._host.remove(self.unique_id)
        else:
            self._host.available(False, self.unique_id)

    def _report(self, *, force: bool) -> None:
        self._changed = False
        state, attributes = self._model.show(self._facts)
        if self._extra:
            attributes = {**attributes, **self._extra}
        self._host.report(Report(unique_id=self.unique_id, state=state, attributes=attributes, force=force))

    def _assume(self, effect: Effect) -> None:
        if effect.assumed:
            self._change(effect.assumed)
            self.write()

    def _take(self, decode: Decode, incoming: Incoming) -> bool:
        if self._model.expire_after is not None:
            self._refresh(self._model.expire_after)
        changes = decode(incoming, self._facts)
        if changes is not None:
            self._change(changes)
        return changes is not None or self._shown_available != self.available

    def _take_extra(self, incoming: Incoming) -> bool:
        values = self._extra_values(incoming)
        if not isinstance(values, dict):
            _log.warning("Expected a JSON object for the attributes of %s on %s", self, incoming.topic)
            return False
        blocked = _NOT_FROM_JSON | self._component.own_attributes
        self._extra = {key: value for key, value in values.items() if key not in blocked}
        self._changed = True
        return True

    def _extra_values(self, incoming: Incoming) -> Any:
        if "json_attributes_template" not in self._config:
            return incoming.json
        text = self._read_extra(incoming)
        try:
            return orjson.loads(text) if text else NO_JSON
        except orjson.JSONDecodeError:
            return NO_JSON

    def _take_availability(self, topic: str, incoming: Incoming) -> bool:
        self._availability.take(topic, incoming)
        return self._shown_available != self.available

    def _change(self, changes: Facts) -> None:
        self._facts.update(changes)
        self._changed = True
        if self._model.later is not None:
            self._start_later()

    def _start_later(self) -> None:
        if self._cancel_later is not None:
            self._cancel_later()
            self._cancel_later = None
        later = self._model.later(self._facts) if self._model.later else None
        if later is not None:
            self._cancel_later = self._host.clock.call_later(later.after, partial(self._later, later.changes))

    def _later(self, changes: Facts) -> None:
        self._cancel_later = None
        self._facts.update(changes)
        self._changed = True
        self.write()

    def _refresh(self, expire_after: float) -> None:
        """Note that it spoke. One timer runs: it looks at the deadline and goes on if that has moved."""
        self._fresh = True
        self._deadline = self._host.clock.monotonic() + expire_after
        if self._cancel_expiry is None:
            self._cancel_expiry = self._host.clock.call_later(expire_after, self._expire)

    def _expire(self) -> None:
        left = self._deadline - self._host.clock.monotonic()
        if left > 0:
            self._cancel_expiry = self._host.clock.call_later(left, self._expire)
            return
        self._cancel_expiry = None
        self._fresh = False
        self.write()

    def _describe(self) -> EntityDescription:
        return describe_entity(
            self._component, self._config, self._model, self.identity, available=self._shown_available
        )

    def _variables(self) -> Mapping[str, Any]:
        """Return what every template sees: the entity's name, its suggested id, and what it reported last as ``this``."""
        name, entity_id = self._names
        state, attributes = self._model.show(self._facts)
        this = {"entity_id": entity_id, "state": state or "unknown", "attributes": attributes}
        return {"name": name, "entity_id": entity_id, "this": this}

    def __str__(self) -> str:
        return f"{self.announcement.component} {self.unique_id}"


def _names(description: EntityDescription) -> tuple[str, str]:
    """Return an entity's name, and the id that it suggests: the hub may have given it another."""
    parts = [description.device.name if description.device else None, description.name]
    full = " ".join(part for part in parts if part)
    return description.name or full, f"{description.domain}.{slugify(description.object_id or full)}"
