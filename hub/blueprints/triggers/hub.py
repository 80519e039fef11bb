"""``trigger: homeassistant``: the hub has started, or is about to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import required
from hub.core.bus import Unlisten
from hub.core.events import HUB_STARTED, HUB_STOP, AnyEvent

_EVENTS = {"start": HUB_STARTED, "shutdown": HUB_STOP}
_WORDS = {"start": "Hearth starting", "shutdown": "Hearth stopping"}
_SCHEMA = vol.Schema(required(event=vol.In(list(_EVENTS))))


@dataclass(frozen=True, slots=True, kw_only=True)
class HubTrigger:
    """The hub has started (``start``) or is about to stop (``shutdown``)."""

    event: str

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        def heard(event: AnyEvent) -> None:
            variables = {"platform": "homeassistant", "event": self.event, "description": _WORDS[self.event]}
            fire(variables, event.context)

        return look.ports.bus.listen(_EVENTS[self.event], heard)


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    return HubTrigger(event=parsing.check(_SCHEMA, config, "a homeassistant trigger")["event"])


KIND = TriggerKind(name="homeassistant", parse=_parse)
