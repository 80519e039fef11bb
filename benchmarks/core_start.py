"""The rows of `script/bench core` about starting; no benchmark itself."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.homes import Home, hearth, plain_peer

PASSES = 5
_FLOOR = """
import resource, time
import aiohttp.web, anyascii, argon2, jinja2, orjson, pluggy, sqlalchemy, voluptuous, yaml, zeroconf.asyncio
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
"""The dependencies without which there is no hub: nothing can start for less."""

Used = dict[str, float]


def hub() -> Used:
    """Return the CPU seconds and megabytes of a hub that is ready, without its model's process."""
    return _median(lambda folder: hearth(folder, {"integrations": {}}))


def peer() -> Used:
    """Return the same of a Home Assistant that has only its API to set up."""
    return _median(plain_peer)


def floor() -> Used:
    """Return what importing the required dependencies alone takes."""
    runs = [
        subprocess.run([sys.executable, "-c", _FLOOR], capture_output=True, text=True, check=True)
        for _ in range(PASSES)
    ]
    values = [tuple(map(float, run.stdout.split())) for run in runs]
    cpu, megabytes = (statistics.median(column) for column in zip(*values, strict=True))
    return {"cpu": cpu, "megabytes": megabytes}


def _median(home_of: Callable[[Path], AbstractContextManager[Home]]) -> Used:
    passes = []
    for _ in range(PASSES):
        with tempfile.TemporaryDirectory() as place, home_of(Path(place, "home")) as home:
            passes.append((home.seconds(), home.megabytes()))
    cpu, megabytes = (statistics.median(column) for column in zip(*passes, strict=True))
    return {"cpu": cpu, "megabytes": megabytes}
