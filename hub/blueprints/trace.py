"""Runs in Home Assistant's forms: the rows of ``trace/list``, the whole of ``trace/get``, and our own short row."""

from __future__ import annotations

from typing import Any

from hub.core.events import isoformat
from hub.core.records import Run, StepRecord


def trace_row(run: Run) -> dict[str, Any]:
    """Return a run as ``trace/list`` shows it."""
    row = {
        "last_step": _last_step(run),
        "run_id": run.run_id,
        "state": "stopped" if run.finished is not None else "running",
        "script_execution": run.outcome.value if run.outcome is not None else None,
        "timestamp": {
            "start": isoformat(run.started),
            "finish": isoformat(run.finished) if run.finished is not None else None,
        },
        "domain": "automation",
        "item_id": run.automation_id,
        "trigger": run.trigger.get("description"),
    }
    return {**row, "error": run.error} if run.error else row


def to_trace(run: Run) -> dict[str, Any]:
    """Return a run as ``trace/get`` shows it."""
    trace: dict[str, list[dict[str, Any]]] = {}
    for step in run.steps:
        trace.setdefault(step.path, []).append(_element(step, run))
    used = {"path": run.blueprint, "input": dict(run.inputs)}
    inputs = (
        {"id": run.automation_id, "alias": run.config.get("alias"), "use_blueprint": used} if run.blueprint else None
    )
    return {
        **trace_row(run),
        "trace": trace,
        "config": dict(run.config),
        "blueprint_inputs": inputs,
        "context": dict(run.context),
    }


def run_row(run: Run) -> dict[str, Any]:
    """Return a run in short, as ``hearth/run/list`` shows it."""
    short = ("platform", "id", "description", "entity_id")
    return {
        "run_id": run.run_id,
        "automation_id": run.automation_id,
        "entity_id": run.entity_id,
        "started": run.started,
        "finished": run.finished,
        "outcome": str(run.outcome) if run.outcome is not None else None,
        "trigger": {key: run.trigger[key] for key in short if key in run.trigger},
    }


def _element(step: StepRecord, run: Run) -> dict[str, Any]:
    element: dict[str, Any] = {"path": step.path, "timestamp": isoformat(step.started)}
    began = step.path.partition("/")[0] == "trigger"
    if step.variables:
        element["changed_variables"] = {**step.variables, "trigger": run.trigger} if began else dict(step.variables)
    result = {**step.compared, **step.result}
    if step.decision is not None:
        result["confidence"] = step.decision.confidence
    if result and not began:
        element["result"] = result
    if step.error:
        element["error"] = step.error
    return element


def _last_step(run: Run) -> str | None:
    actions = [step.path for step in run.steps if step.path.startswith("action/")]
    return actions[-1] if actions else run.steps[-1].path if run.steps else None
