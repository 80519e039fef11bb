"""What a device declared of one entity, with the templates and topics in it made usable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hearth_mqtt.discovery.command_template import Payload, Writer, command_writer
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts, Publish
from hearth_mqtt.discovery.value_template import Reader, Render, Variables, value_reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A checked configuration, and what turns its templates into functions.

    ``variables`` are those that every template of the entity sees (``name``, ``entity_id``, ``this``); ``now`` tells the
    time in UTC epoch seconds.
    """

    config: Mapping[str, Any]
    render: Render
    variables: Variables
    now: Callable[[], float]

    def has(self, key: str) -> bool:
        """Say whether a key is there and not null."""
        return self.config.get(key) is not None

    def reader(self, *keys: str, **constants: Any) -> Reader:
        """Return what reads a value by the first of these templates that is there, or else the whole text.

        ``constants`` are further variables of the template.
        """
        template = next((self.config[key] for key in keys if key in self.config), None)
        variables = self._with(constants) if constants else self.variables
        return value_reader(template, self.config["encoding"], self.render, variables)

    def writer(self, key: str) -> Writer:
        """Return what writes commands by the template under a key, or plainly if there is none."""
        return command_writer(self.config.get(key), self.render, self.variables)

    def publish(self, topic_key: str, payload: Payload, assumed: Facts | None = None) -> Effect:
        """Return the effect of sending a payload to the topic under a key; nothing is sent if there is no such topic."""
        if not self.has(topic_key):
            return Effect((), assumed) if assumed else NOTHING
        message = Publish(
            topic=self.config[topic_key],
            payload=payload,
            qos=self.config["qos"],
            retain=self.config.get("retain", False),
        )
        return Effect((message,), assumed or {})

    def optimistic(self, state_topic_key: str = "state_topic") -> bool:
        """Say whether commands are assumed to be carried out: it was asked for, or there is no topic that would tell."""
        return bool(self.config.get("optimistic")) or not self.has(state_topic_key)

    def _with(self, constants: Mapping[str, Any]) -> Variables:
        return lambda: {**self.variables(), **constants}
