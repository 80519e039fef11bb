"""Recorded runs, read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from hub.core.records import Decision, Option, Run, RunOutcome, StepRecord, ToolCall
from hub.recorder.encoding import from_json
from hub.recorder.schema import runs

R = TypeVar("R", Run, StepRecord, Decision, ToolCall, Option)


def read_recent(connection: Connection, automation_id: str | None, limit: int) -> list[Run]:
    """Return the newest runs, of one automation or of all."""
    query = select(runs.c.json).order_by(runs.c.started.desc(), runs.c.id.desc()).limit(limit)
    if automation_id is not None:
        query = query.where(runs.c.automation_id == automation_id)
    return [decode_run(from_json(text)) for text in connection.execute(query).scalars()]


def read_run(connection: Connection, run_id: str) -> Run | None:
    """Return one run."""
    text = connection.execute(select(runs.c.json).where(runs.c.run_id == run_id)).scalar_one_or_none()
    return None if text is None else decode_run(from_json(text))


def decode_run(data: Mapping[str, Any]) -> Run:
    """Return the run that was stored as ``data``; what this version does not know is left out."""
    run = _record(Run, data)
    run.outcome = None if run.outcome is None else RunOutcome(run.outcome)
    run.steps = [_step(step) for step in data.get("steps", ())]
    return run


def _step(data: Mapping[str, Any]) -> StepRecord:
    step = _record(StepRecord, data)
    step.decision = None if data.get("decision") is None else _decision(data["decision"])
    return step


def _decision(data: Mapping[str, Any]) -> Decision:
    decision = _record(Decision, data)
    decision.options = tuple(_record(Option, option) for option in data.get("options", ()))
    decision.calls = tuple(_tool_call(call) for call in data.get("calls", ()))
    return decision


def _tool_call(data: Mapping[str, Any]) -> ToolCall:
    call = _record(ToolCall, data)
    call.entities = tuple(call.entities)
    return call


def _record(kind: type[R], data: Mapping[str, Any]) -> R:
    known = {field.name for field in dataclasses.fields(kind)}
    return kind(**{key: value for key, value in data.items() if key in known})
