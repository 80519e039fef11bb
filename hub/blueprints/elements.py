"""The parts of an automation, and how each kind of them is made: tables that further modules add to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hub.core.bus import Unlisten
from hub.core.context import Context

if TYPE_CHECKING:
    from hub.blueprints.execution import Execution
    from hub.blueprints.look import Look
    from hub.blueprints.parsing import Parsing
    from hub.core.records import StepRecord

Fire = Callable[[Mapping[str, Any], Context], None]
"""What a trigger calls when it happens: with its variables, and with what led to it."""


def together(*stops: Unlisten) -> Unlisten:
    """Return what calls all of ``stops``."""

    def stop() -> None:
        for one in stops:
            one()

    return stop


class Trigger(Protocol):
    """Something to wait for."""

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        """Call ``fire`` whenever it happens, until the returned function is called.

        ``look.variables`` are the automation's trigger variables. Raises HubError if it cannot be waited for.
        """


@dataclass(slots=True, kw_only=True)
class Finding:
    """What a condition found: yes or no, and the values that it compared. Immutable by convention."""

    result: bool
    compared: Mapping[str, Any] = field(default_factory=dict)


class Condition(Protocol):
    """Something that is so or not."""

    def find(self, look: Look) -> Finding:
        """Compare. Synchronous and without side effects.

        Raises HubError if it cannot be said: that counts as no, and the trace shows why.
        """


class Step(Protocol):
    """Something to do."""

    async def run(self, execution: Execution, record: StepRecord) -> None:
        """Do it, and note in ``record`` what came of it.

        Raises HubError if it failed, RunEnded to end the run.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTrigger:
    """A trigger in its place; ``id`` is the author's or the index as text, ``variables`` are added to the run's."""

    index: int
    id: str
    kind: str
    trigger: Trigger
    alias: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCondition:
    """A condition in its place; ``path`` is Home Assistant's, as traces show it."""

    path: str
    kind: str
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedStep:
    """A step in its place; ``path`` is Home Assistant's, as traces show it."""

    path: str
    kind: str
    step: Step
    enabled: bool = True
    continue_on_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerKind:
    """How ``trigger: <name>`` becomes a trigger."""

    name: str
    parse: Callable[[Mapping[str, Any], Parsing], Trigger]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionKind:
    """How ``condition: <name>`` becomes a condition; ``path`` is where it stands, for those that hold others."""

    name: str
    parse: Callable[[Mapping[str, Any], str, Parsing], Condition]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """How a step is made that is told by one of ``keys``; ``path`` is where it stands, for those that hold others."""

    name: str
    keys: tuple[str, ...]
    parse: Callable[[Mapping[str, Any], str, Parsing], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Every kind of trigger, condition and step there is; steps in the order in which their keys are looked for."""

    triggers: Mapping[str, TriggerKind]
    conditions: Mapping[str, ConditionKind]
    steps: tuple[StepKind, ...]
