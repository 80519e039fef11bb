"""Records: what a run, a decision and an audited act leave behind. Trace, replay and dry run read the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from hub.core.plain import plain, to_json


class RunOutcome(StrEnum):
    """How a run ended; the names are Home Assistant's ``script_execution``."""

    FINISHED = "finished"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    ERROR = "error"
    FAILED_CONDITIONS = "failed_conditions"
    FAILED_SINGLE = "failed_single"
    FAILED_MAX_RUNS = "failed_max_runs"
    RECURSION = "disallowed_recursion_detected"


@dataclass(slots=True, kw_only=True)
class Option:
    """One choice that a model had, with its probability from 0 to 1."""

    name: str
    probability: float


@dataclass(slots=True, kw_only=True)
class ToolCall:
    """A call that the model proposed, and what became of it.

    ``outcome`` is an ``Outcome`` value, ``proposed`` where it was not carried out, or ``ask`` where the agent asks back;
    ``reason`` says why.
    """

    action: str
    target: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    outcome: str = "proposed"
    reason: str | None = None
    confidence: float = 0.0


@dataclass(slots=True, kw_only=True)
class Decision:
    """An agent's bounded choice.

    ``question`` is what was put before it, ``options`` the choices at the point that decided with their probabilities,
    ``confidence`` from 0 to 1 with ``confidence_reason`` in words, ``source`` who answered (``model``, ``matcher``),
    ``raw`` the model's text, ``prompt_tokens`` and ``output_tokens`` counts, ``duration`` seconds.
    """

    question: str
    source: str = "model"
    model: str | None = None
    options: tuple[Option, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    confidence: float = 0.0
    confidence_reason: str = ""
    answer: str = ""
    raw: str = ""
    prompt: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    duration: float = 0.0


@dataclass(slots=True, kw_only=True)
class StepRecord:
    """One trigger, condition or step of a run.

    ``path`` is Home Assistant's (``trigger/0``, ``condition/0``, ``action/1/choose/0/sequence/0``), ``kind`` what it is
    (``state``, ``template``, ``action``, ``delay``, ``choose``, ``agent``), ``compared`` the values that a condition or
    trigger looked at and what it found, ``result`` what came out.
    """

    path: str
    kind: str
    started: float
    finished: float | None = None
    compared: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    decision: Decision | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution of an automation: the one record of it.

    Times are UTC epoch seconds. ``run_id`` is the id of the run's context: what it caused names it. ``trigger`` is Home Assistant's trigger variable, ``config`` the automation as loaded.
    While it is made it holds values as they are (states, times): nobody changes those. ``as_dict`` and ``as_json`` say
    them in plain terms, which costs more than the run itself and so waits for a reader or the recorder's thread.
    """

    run_id: str
    automation_id: str
    entity_id: str
    started: float
    finished: float | None = None
    outcome: RunOutcome | None = None
    trigger: Mapping[str, Any] = field(default_factory=dict)
    steps: list[StepRecord] = field(default_factory=list)
    context: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    blueprint: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; its keys are the names here."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def as_json(self) -> bytes:
        """Return ``as_dict`` as JSON."""
        return to_json({field.name: getattr(self, field.name) for field in fields(self)})


@dataclass(slots=True, kw_only=True)
class AuditEntry:
    """One audited act: metadata, never message bodies or secrets. Immutable by convention.

    ``kind`` is what was done (``action``, ``login``, ``connection``, ``flow``, ``token``), ``caller`` and ``user_id`` who
    did it, ``subject`` to what, ``detail`` small plain data, ``outcome`` how it ended.
    """

    kind: str
    subject: str
    caller: str
    user_id: str | None = None
    context_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    outcome: str | None = None
