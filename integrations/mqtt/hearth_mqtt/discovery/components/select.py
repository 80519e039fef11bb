"""select: a setting that is one of several words."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, entity_schema, keyed, listed, string
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Act, Component, Model, listen
from hub import InvalidInput

_log = logging.getLogger(__name__)

_SCHEMA = entity_schema(
    COMMANDED,
    {vol.Required("options"): vol.All(listed, [string])},
    keyed({"command_template": TEMPLATE, "value_template": TEMPLATE}),
)


def _build(declaration: Declaration) -> Model:
    options: list[str] = declaration.config["options"]
    read, write = declaration.reader("value_template"), declaration.writer("command_template")
    optimistic = declaration.optimistic()

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        if not text or not text.strip():
            return None
        if text in options or text.lower() == "none":
            return {"option": text if text in options else None}
        _log.warning("Expected one of %s on %s, got %r", ", ".join(options), incoming.topic, text[:80])
        return None

    def choose(option: str) -> Effect:
        return declaration.publish("command_topic", write(option), {"option": option} if optimistic else None)

    def select_option(data: Mapping[str, Any], _: Facts) -> Effect:
        if data["option"] not in options:
            raise InvalidInput(f"Expected one of {', '.join(options)}, got {data['option']!r}", path=("option",))
        return choose(data["option"])

    def step(by: int) -> Act:
        def act(data: Mapping[str, Any], facts: Facts) -> Effect:
            wanted = _neighbour(options, facts["option"], by, cycle=data.get("cycle", True))
            return choose(wanted) if wanted is not None else NOTHING

        return act

    return Model(
        show=lambda facts: (facts["option"], {}),
        listens=listen(declaration, ("state_topic", decode)),
        actions={
            "select_option": select_option,
            "select_first": lambda _, __: choose(options[0]) if options else NOTHING,
            "select_last": lambda _, __: choose(options[-1]) if options else NOTHING,
            "select_next": step(1),
            "select_previous": step(-1),
        },
        initial={"option": None},
        capabilities={"options": options},
        assumed_state=optimistic,
    )


def _neighbour(options: list[str], current: str | None, by: int, *, cycle: bool) -> str | None:
    if not options:
        return None
    if current not in options:
        return options[0 if by > 0 else -1]
    place = options.index(current) + by
    return options[place % len(options)] if cycle or 0 <= place < len(options) else None


SELECT = Component(
    domain="select",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Select",
    own_attributes=frozenset({"options"}),
)
