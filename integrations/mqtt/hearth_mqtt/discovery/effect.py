"""What an action comes to: messages to send, and what to assume once they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth_mqtt.discovery.command_template import Payload

Facts = Mapping[str, Any]
"""What is known of an entity, by names of its component's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A message to send."""

    topic: str
    payload: Payload
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """Messages to send, in order, and facts to assume then; effects add up."""

    publishes: tuple[Publish, ...] = ()
    assumed: Facts = field(default_factory=dict)

    def __add__(self, other: Effect) -> Effect:
        return Effect(self.publishes + other.publishes, {**self.assumed, **other.assumed})


NOTHING = Effect()
