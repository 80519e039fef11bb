"""The commands: script/run, test, check, bench; `python script setup`, `peers` and `lock` for those who build and test."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from bootstrap import bench, check, lock, peers, run, setup, test
from bootstrap.job import StepFailed

INTERRUPTED = 128 + signal.SIGINT

COMMANDS: Mapping[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "run": (run.main, run.HELP),
    "test": (test.main, test.HELP),
    "check": (check.main, check.HELP),
    "bench": (bench.main, bench.HELP),
    "setup": (setup.main, setup.HELP),
    "lock": (lock.main, lock.HELP),
    "peers": (peers.main, peers.HELP),
}


def main(arguments: Sequence[str]) -> int:
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        print(f"Expected one of {', '.join(COMMANDS)}, got {name!r}", file=sys.stderr)
        return 2
    command, text = COMMANDS[name]
    if arguments[1:] and arguments[1] in {"-h", "--help"}:
        print(text)
        return 0
    return _guarded(command, arguments[1:])


def _guarded(command: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        return command(arguments)
    except StepFailed as failure:
        print(setup.explain(failure), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run it again to go on from here.", file=sys.stderr)
        return INTERRUPTED
