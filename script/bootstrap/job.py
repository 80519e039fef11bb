"""A step at work: it runs commands, keeps all they say in one log, and shows progress."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from bootstrap.paths import BUILD, ROOT
from bootstrap.progress import Progress

POLL_S = 0.2
TAIL_BYTES = 65_536  # compilers are called with long lines, and warn at length
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_WORD = re.compile(r"\w")
_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\] ")


class StepFailed(Exception):
    """A step could not be done: what happened, and what helps."""

    def __init__(self, message: str, *, remedy: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.log = log


class Job:
    """Runs the commands of one step. Each ends with the job: nothing is left behind by Ctrl-C."""

    def __init__(self, name: str, progress: Progress, remedy: str) -> None:
        self.log = BUILD / "log" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self.note = ""
        self._progress = progress
        self._remedy = remedy

    def run(self, *command: str | Path, **environment: str) -> None:
        """Run a command to its end; StepFailed if it fails."""
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {' '.join(words)}\n".encode())
            log.flush()
            code = self._watch(words, log.fileno(), {**os.environ, "NO_COLOR": "1", **environment})
        if code:
            raise self.failure(f"`{Path(words[0]).name} {' '.join(words[1:4])} ...` ended with status {code}")

    def failure(self, message: str, remedy: str = "") -> StepFailed:
        return StepFailed(message, remedy=remedy or self._remedy, log=self.log)

    def _watch(self, words: list[str], log: int, environment: dict[str, str]) -> int:
        # A session of its own: Ctrl-C reaches this process alone, which then ends the whole group.
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while process.poll() is None:
                self._progress.tick(last_words(self.log))
                time.sleep(POLL_S)
        finally:
            _end(process)
        return process.returncode


def last_words(log: Path) -> str:
    """Return what a log says last, in a few words: ninja's count of files if it is compiling."""
    lines = tail(log)
    counted = _NINJA.match(next((line for line in reversed(lines) if _NINJA.match(line)), ""))
    if counted:
        return f"compiling {counted[1]} of {counted[2]}"
    return next((line.strip() for line in reversed(lines) if _WORD.search(line) and not line.startswith("$ ")), "")


def tail(log: Path) -> list[str]:
    """Return the last of a log as lines, without colours."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return [_ANSI.sub("", line).rsplit("\r", 1)[-1].rstrip() for line in text.splitlines()]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
            return
