"""Things that are done rather than set: their state is when that was last done here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from hearth_mqtt.discovery.command_template import Payload
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import Model

Content = Callable[[Mapping[str, Any]], Payload]
"""Returns what to send for an action's data."""


def once(declaration: Declaration, action: str, content: Content) -> Model:
    """Return the model of something with a single action."""

    def act(data: Mapping[str, Any], _: Facts) -> Effect:
        now = dt.datetime.fromtimestamp(declaration.now(), dt.UTC).isoformat(timespec="microseconds")
        return declaration.publish("command_topic", content(data), {"done": now})

    return Model(
        show=lambda facts: (facts["done"], {}),
        actions={action: act},
        initial={"done": None},
        device_class=declaration.config.get("device_class"),
        remembered=("done",),
    )
