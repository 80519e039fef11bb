"""What a component's codec makes of a declaration: data and pure functions, without a connection.

A message decodes to changed facts, facts show as a state with attributes, and an action is encoded as its effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth_mqtt.discovery.common_schema import Check
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hub import Picture

Decode = Callable[[Incoming, Facts], Facts | None]
"""Returns the facts that a message changes, or None if it says nothing about the entity."""

Show = Callable[[Facts], tuple[str | None, Mapping[str, Any]]]
"""Returns the state (None: unknown) and the changing attributes."""

Act = Callable[[Mapping[str, Any], Facts], Effect]
"""Returns what an action with this data comes to. Raises InvalidInput or TemplateError."""

ON_OFF: Mapping[bool | None, str | None] = {True: "on", False: "off", None: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A change that comes by itself ``after`` seconds."""

    after: float
    changes: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An entity of one declaration.

    ``listens`` are topic filters with their decoders; ``actions`` are by name without the domain. After ``expire_after``
    seconds without a message the entity is unavailable. ``later`` says what a change of facts leads to by itself; each
    further change starts it anew. With ``force`` an unchanged state is reported as a change. What outlives a restart are
    the facts named by ``remembered``, and all of them with ``assumed_state``. ``picture`` returns the picture of a camera or
    an image, or the address where it is.
    """

    show: Show
    listens: tuple[tuple[str, Decode], ...] = ()
    actions: Mapping[str, Act] = field(default_factory=dict)
    initial: Facts = field(default_factory=dict)
    features: int = 0
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    device_class: str | None = None
    unit: str | None = None
    assumed_state: bool = False
    expire_after: float | None = None
    later: Callable[[Facts], Later | None] | None = None
    force: bool = False
    remembered: tuple[str, ...] = ()
    picture: Callable[[Facts], Picture | str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A kind of entity that MQTT discovery knows.

    ``default_name`` is for an entity without a name of its own and, if ``named_by_class``, without device class; None is the
    device's name.
    ``own_attributes`` are those that extra JSON attributes may not replace.
    """

    domain: str
    schema: Check
    build: Callable[[Declaration], Model]
    default_name: str | None
    named_by_class: bool = False
    own_attributes: frozenset[str] = frozenset()


def listen(declaration: Declaration, *decoders: tuple[str, Decode]) -> tuple[tuple[str, Decode], ...]:
    """Return the decoders of those topics, named by their keys, that were declared."""
    return tuple(
        (declaration.config[topic_key], decode) for topic_key, decode in decoders if declaration.has(topic_key)
    )


def toggling(turn_on: Act, turn_off: Act, is_on: Callable[[Facts], bool]) -> Act:
    """Return the action that does the one or the other."""
    return lambda data, facts: (turn_off if is_on(facts) else turn_on)(data, facts)
