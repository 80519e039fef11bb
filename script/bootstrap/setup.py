"""Do what is missing of the set-up, step by step. When nothing is, this takes some milliseconds."""

from __future__ import annotations

import contextlib
import fcntl
import sys
from collections.abc import Iterator, Sequence

from bootstrap.dashboard import DASHBOARD, NODE
from bootstrap.environment import DEV_PACKAGES, ENVIRONMENT, PACKAGES, WORKSPACE
from bootstrap.job import Job, StepFailed, tail
from bootstrap.llama import LLAMA
from bootstrap.paths import BUILD
from bootstrap.progress import Progress
from bootstrap.step import Step

HELP = """\
python3 script setup

Sets Hearth up in this folder as script/run does, and runs nothing. It ends with status 1 if a step fails, the local model's
too. The image of docker/ is made by this."""

LAST_LINES = 20
TO_RUN = (ENVIRONMENT, PACKAGES, WORKSPACE, DASHBOARD, LLAMA)
TO_DEVELOP = (ENVIRONMENT, PACKAGES, DEV_PACKAGES, WORKSPACE, NODE, DASHBOARD, LLAMA)


def main(arguments: Sequence[str]) -> int:
    if arguments:
        print(f"Expected no arguments, got {' '.join(arguments)}", file=sys.stderr)
        return 2
    prepare(TO_RUN)
    return 0


def prepare(steps: Sequence[Step], *, strict: bool = True) -> None:
    """Do the steps that are needed. ``strict`` makes a failing optional step fail the whole."""
    if not _pending(steps):
        return
    with _alone():
        pending = _pending(steps)
        if pending:
            print("Setting up. Only what is missing is done, and the next start skips it.")
        for number, step in enumerate(pending, 1):
            _do(step, number, len(pending), strict=strict)


def _pending(steps: Sequence[Step]) -> list[Step]:
    """Return the steps to do. A new environment is an empty one: all that is installed in it goes with the old."""
    needed = [step for step in steps if step.is_needed()]
    lost = [ENVIRONMENT.stamps] if ENVIRONMENT in needed else []
    return [step for step in steps if step in needed or step.stamps in lost]


def _do(step: Step, number: int, total: int, *, strict: bool) -> None:
    progress = Progress(number, total, step.title, step.takes)
    job = Job(step.name, progress, step.remedy)
    try:
        step.work(job)
    except StepFailed as failure:
        progress.failed()
        if strict or not step.optional:
            raise
        print(explain(failure), "\nGoing on without it: everything but the local model works.\n", sep="")
    else:
        step.stamp()
        progress.done(job.note)


def explain(failure: StepFailed) -> str:
    """Say what failed, the last that its log says, where the log is, and what helps."""
    lines = [f"\n{failure}"]
    if failure.log is not None and failure.log.is_file():
        lines += ["", *(f"  | {line}" for line in tail(failure.log)[-LAST_LINES:]), "", f"Log: {failure.log}"]
    return "\n".join([*lines, f"What helps: {failure.remedy}"])


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one set-up work in this folder at a time."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work in this folder: waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
