"""What automations ask of the rest of the hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.core.bus import EventBus, Unlisten
from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.ports import Actions
from hub.core.records import Decision
from hub.core.registry import Registries
from hub.core.states import States
from hub.templates import Templates
from hub.virtual import SunTimes


class Agent(Protocol):
    """Turns a sentence into actions within the caller's capabilities."""

    async def command(
        self,
        text: str,
        *,
        context: Context,
        caller: Caller,
        language: str | None,
        area_id: str | None,
        threshold: float,
    ) -> Decision:
        """Decide what ``text`` asks for, carry out what is allowed and sure enough, and say what became of it.

        ``text`` is data: it is never rendered or obeyed beyond ``caller.capabilities``. ``language`` None is
        told from the text, ``area_id`` is where it is spoken, ``threshold`` the confidence below which nothing is carried out. Raises InferenceError if there is no answer.
        """


class Triggers(Protocol):
    """The triggers that integrations offer (``mqtt``)."""

    def offers(self, platform: str) -> bool:
        """Say whether an installed integration has this trigger, running or not."""

    def listen(self, platform: str, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        """Call ``fire(trigger variables)`` whenever what ``spec`` describes happens, over restarts of the adapter.

        Raises InvalidInput if ``spec`` is not what the integration expects.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The parts of the hub that triggers, conditions and steps use; made once by ``Automations``."""

    bus: EventBus
    states: States
    registries: Registries
    templates: Templates
    actions: Actions
    agent: Agent
    triggers: Triggers
    clock: Clock
    sun: SunTimes = field(default_factory=SunTimes)
