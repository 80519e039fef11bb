"""The core beside Home Assistant: events, states, automations, WebSockets, start-up, in CPU time."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.clients import watching
from benchmarks.load import AUTOMATIONS, automation
from benchmarks.report import Figure, report
from hearth_home_assistant.testing import HomeAssistant, home_assistant, installed

_PEER = Path(__file__).with_name("peer")
_LOAD = Path(__file__).with_name("load.py")
Peer = Callable[[str, Mapping[str, int]], dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: what is measured, on both sides by the function of that name, and how good it should be."""

    name: str
    measure: str
    unit: str
    reach: float
    options: Mapping[str, int] = field(default_factory=dict)
    lower_is_better: bool = False


_RATE = "1/CPU-s"
_COST = "CPU-us"
ROWS = (
    Row(name="bus_1", measure="bus", options={"listeners": 1, "events": 200_000}, unit=_RATE, reach=1_200_000),
    Row(name="bus_100", measure="bus", options={"listeners": 100, "events": 10_000}, unit=_RATE, reach=200_000),
    Row(name="state_write", measure="state_write", unit=_RATE, reach=350_000),
    Row(name="automation_run", measure="automation_run", unit=_COST, reach=60, lower_is_better=True),
    Row(name="automation_burst", measure="automation_burst", unit=_RATE, reach=15_000),
    Row(name="ws_1", measure="sockets", options={"burst": 1, "clients": 1}, unit=_COST, reach=10, lower_is_better=True),
    Row(name="ws_10", measure="sockets", options={"burst": 1, "clients": 10}, unit=_COST, reach=6, lower_is_better=True),
    Row(name="ws_burst_1", measure="sockets", options={"burst": 20, "clients": 1}, unit=_COST, reach=5, lower_is_better=True),
    Row(name="ws_burst_10", measure="sockets", options={"burst": 20, "clients": 10}, unit=_COST, reach=1, lower_is_better=True),
)  # fmt: skip


def figures(names: list[str], peer: Peer | None) -> Iterator[Figure]:
    for row in ROWS:
        if not names or row.name in names:
            yield _figure(row, _ours(row.measure, row.options), peer(row.measure, row.options) if peer else {})


def _figure(row: Row, ours: Mapping[str, float], theirs: Mapping[str, float]) -> Figure:
    return Figure(
        name=row.name,
        value=ours["value"],
        unit=row.unit,
        peer="Home Assistant 2024.3.3" if theirs else None,
        peer_value=theirs.get("value"),
        reach=row.reach,
        absolute=True,
        lower_is_better=row.lower_is_better,
    )


def _ours(measure: str, options: Mapping[str, int]) -> dict[str, float]:
    words = [f"{key}={value}" for key, value in options.items()]
    command = [sys.executable, "-m", "benchmarks.core_hub", measure, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _theirs() -> Iterator[Peer]:
    """Run a Home Assistant for each measurement: nothing of one is left in the next."""

    def measure(name: str, options: Mapping[str, int]) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as folder, _bench(Path(folder), name) as peer:
            if name == "sockets":
                return asyncio.run(_with_clients(peer, name, options))
            return _asked(peer, name, options)

    yield measure


def _bench(folder: Path, name: str) -> AbstractContextManager[HomeAssistant]:
    """Return a Home Assistant with our component and, where they are measured, the automations."""
    component = folder / "custom_components" / "hearth_bench"
    shutil.copytree(_PEER / "hearth_bench", component)
    shutil.copy(_LOAD, component / "load.py")
    count = {"automation_run": 1, "automation_burst": AUTOMATIONS}.get(name, 0)
    (folder / "automations.yaml").write_text(json.dumps([automation(number) for number in range(count)]))
    return home_assistant(folder, "hearth_bench:\nautomation: !include automations.yaml\n")


async def _with_clients(peer: HomeAssistant, name: str, options: Mapping[str, int]) -> dict[str, float]:
    async with watching(peer.port, peer.token, options["clients"], coalesce=options["burst"] > 1):
        return await asyncio.to_thread(_asked, peer, name, options)


def _asked(peer: HomeAssistant, name: str, options: Mapping[str, int]) -> dict[str, float]:
    query = f"?{urlencode(options)}" if options else ""
    answer: Any = peer.ask(f"hearth_bench/{name}{query}")
    return {str(key): float(value) for key, value in answer.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="the rows to measure (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    parser.add_argument("--alone", action="store_true", help="without Home Assistant beside it")
    arguments = parser.parse_args()
    if arguments.alone:
        return report(figures(arguments.rows, None), as_json=arguments.json)
    if installed() is None:
        print(
            "Expected Home Assistant to compare with. Install it: python3 script peers home-assistant", file=sys.stderr
        )
        return 2
    with _theirs() as peer:
        return report(figures(arguments.rows, peer), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
