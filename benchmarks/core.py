"""The core beside Home Assistant: events, states, automations, WebSockets, MQTT, start-up and a whole home, in CPU time."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import core_home, core_mqtt, core_start
from benchmarks.clients import watching
from benchmarks.load import AUTOMATIONS, automation
from benchmarks.report import Figure, report
from hearth_home_assistant.testing import INSTALL, HomeAssistant, home_assistant, installed

_COMPONENT = Path(__file__).with_name("peer") / "hearth_bench"
_LOAD = Path(__file__).with_name("load.py")
PEER = "Home Assistant 2024.3.3"
Found = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: how both sides are measured, which of the figures that brings it is, and how good it should be."""

    name: str
    unit: str
    reach: float | None
    ours: Callable[[], Found]
    theirs: Callable[[], Found]
    key: str = "value"
    peer: str = PEER
    lower_is_better: bool = False

    def figure(self, *, alone: bool) -> Figure:
        """Measure."""
        ours, theirs = self.ours(), {} if alone else self.theirs()
        value = ours[self.key]
        assert value is not None
        return Figure(
            name=self.name,
            value=value,
            unit=self.unit,
            peer=self.peer if theirs else None,
            peer_value=theirs.get(self.key),
            reach=self.reach,
            absolute=True,
            lower_is_better=self.lower_is_better,
        )


def figures(names: Sequence[str], *, alone: bool) -> Iterator[Figure]:
    for row in rows():
        if not names or row.name in names:
            yield row.figure(alone=alone)


def rows() -> tuple[Row, ...]:
    rate, cost = "1/CPU-s", "CPU-us"
    hub_start, peer_start, floor = cache(core_start.hub), cache(core_start.peer), cache(core_start.floor)
    hub_home, peer_home = cache(_home(core_home.hub)), cache(_home(core_home.peer))
    peer_mqtt = cache(partial(core_mqtt.message_cost, core_mqtt.PEER))

    def mqtt(name: str, of: core_mqtt.HomeOf, reach: float) -> Row:
        ours = partial(core_mqtt.message_cost, of)
        return Row(name=name, unit=cost, reach=reach, ours=ours, theirs=peer_mqtt, lower_is_better=True)

    def start(name: str, key: str, unit: str, reach: float) -> Row:
        return Row(name=name, key=key, unit=unit, reach=reach, ours=hub_start, theirs=peer_start, lower_is_better=True)

    def imports(name: str, key: str, unit: str) -> Row:
        return Row(name=name, key=key, unit=unit, reach=None, ours=floor, theirs=dict)

    def home(name: str, key: str, unit: str, reach: float | None = None) -> Row:
        return Row(
            name=f"whole_home: {name}",
            key=key,
            unit=unit,
            reach=reach,
            ours=hub_home,
            theirs=peer_home,
            lower_is_better=True,
        )

    return (
        _within("bus_1", "bus", rate, 1_200_000, listeners=1, events=200_000),
        _within("bus_100", "bus", rate, 200_000, listeners=100, events=10_000),
        _within("state_write", "state_write", rate, 350_000),
        _within("automation_run", "automation_run", cost, 60),
        _within("automation_burst", "automation_burst", rate, 15_000),
        _within("ws_1", "sockets", cost, 10, burst=1, clients=1),
        _within("ws_10", "sockets", cost, 6, burst=1, clients=10),
        _within("ws_burst_1", "sockets", cost, 5, burst=20, clients=1),
        _within("ws_burst_10", "sockets", cost, 1, burst=20, clients=10),
        mqtt("mqtt_state", core_mqtt.endpoint, 25),
        mqtt("mqtt_client_state", core_mqtt.client_of_mosquitto, 60),
        start("start_cpu", "cpu", "CPU-s", 0.6),
        imports("start_cpu: the required imports alone", "cpu", "CPU-s"),
        start("start_rss", "megabytes", "MB", 100),
        imports("start_rss: the required imports alone", "megabytes", "MB"),
        home("event to action, median", "p50", "ms"),
        home("event to action, p99", "p99", "ms", 20),
        home("share of a core", "cpu", "", None),
        home("memory, model included", "megabytes", "MB"),
        home("written an hour", "written", "MB"),
    )


def _home(of: core_home.HomeOf) -> Callable[[], Found]:
    return lambda: asdict(core_home.measure(of))


@dataclass(frozen=True, slots=True)
class _Within:
    """A measurement that both sides make within their own process, by the function of that name."""

    measure: str
    options: Mapping[str, int] = field(default_factory=dict)

    def ours(self) -> Found:
        words = [f"{key}={value}" for key, value in self.options.items()]
        command = [sys.executable, "-m", "benchmarks.core_hub", self.measure, *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found: Found = json.loads(done.stdout.splitlines()[-1])
        return found

    def theirs(self) -> Found:
        with tempfile.TemporaryDirectory() as folder, self._peer(Path(folder)) as peer:
            return asyncio.run(self._with_clients(peer)) if self.measure == "sockets" else self._asked(peer)

    def _peer(self, folder: Path) -> AbstractContextManager[HomeAssistant]:
        """Return a Home Assistant with our component and, where they are measured, the automations."""
        component = folder / "custom_components" / "hearth_bench"
        shutil.copytree(_COMPONENT, component)
        shutil.copy(_LOAD, component / "load.py")
        count = {"automation_run": 1, "automation_burst": AUTOMATIONS}.get(self.measure, 0)
        (folder / "automations.yaml").write_text(json.dumps([automation(number) for number in range(count)]))
        return home_assistant(folder, "hearth_bench:\nautomation: !include automations.yaml\n")

    async def _with_clients(self, peer: HomeAssistant) -> Found:
        coalesce = self.options["burst"] > 1
        async with watching(peer.port, peer.token, self.options["clients"], coalesce=coalesce):
            return await asyncio.to_thread(self._asked, peer)

    def _asked(self, peer: HomeAssistant) -> Found:
        query = f"?{urlencode(self.options)}" if self.options else ""
        answer: Any = peer.ask(f"hearth_bench/{self.measure}{query}")
        return {str(key): float(value) for key, value in answer.items()}


def _within(name: str, measure: str, unit: str, reach: float, **options: int) -> Row:
    both = _Within(measure, options)
    return Row(name=name, unit=unit, reach=reach, ours=both.ours, theirs=both.theirs, lower_is_better=unit == "CPU-us")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="the rows to measure (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    parser.add_argument("--alone", action="store_true", help="without Home Assistant beside it")
    arguments = parser.parse_args()
    if not arguments.alone and installed() is None:
        print(f"Expected Home Assistant to compare with. Install it: {INSTALL}", file=sys.stderr)
        return 2
    return report(figures(arguments.rows, alone=arguments.alone), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
