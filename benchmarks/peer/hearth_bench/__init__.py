"""Measures Home Assistant from within, with the load that Hearth carries: a component for its configuration folder."""

import asyncio
import itertools
from functools import partial

from custom_components.hearth_bench.load import (
    ENTITIES,
    SHOWN,
    WATCHERS,
    at_once,
    counting,
    one_by_one,
    rate,
    to_sockets,
)
from homeassistant.components.http import HomeAssistantView
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_state_change_event


async def async_setup(hass, config):
    """Offer the measurements at /api/hearth_bench/NAME, and the entities and the action that they need."""
    bench = Bench(hass)
    hass.services.async_register("light", "turn_on", bench.act)
    hass.states.async_set("sensor.bench_mode", "home")
    hass.http.register_view(BenchView(bench))
    return True


class BenchView(HomeAssistantView):
    """Runs a measurement and answers with its figures."""

    url = "/api/hearth_bench/{name}"
    name = "api:hearth_bench"

    def __init__(self, bench):
        self.bench = bench

    async def get(self, request, name):
        """Run the measurement of that name."""
        return self.json(await getattr(self.bench, name)(**{k: int(v) for k, v in request.query.items()}))


class Bench:
    """Home Assistant's side of each row."""

    def __init__(self, hass):
        self.hass = hass
        self.acted = 0
        self.heard = asyncio.Event()
        self.on = [False] * ENTITIES

    async def act(self, call):
        """Be the device."""
        self.acted += 1
        self.heard.set()

    async def bus(self, listeners, events):
        """Events fired for each CPU second."""
        _, listener = counting()
        stops = [
            self.hass.bus.async_listen("bench", callback(listener), run_immediately=True) for _ in range(listeners)
        ]

        def once():
            for _ in range(events):
                self.hass.bus.async_fire("bench", {"value": 1})

        value = rate(events, once)
        for stop in stops:
            stop()
        return {"value": value}

    async def state_write(self):
        """State writes for each CPU second."""
        _, listener = counting()
        attributes = {"friendly_name": "Bench", "unit_of_measurement": "W"}
        ids = [f"sensor.written_{number}" for number in range(ENTITIES)]
        for watched in ids[:: ENTITIES // WATCHERS]:
            async_track_state_change_event(self.hass, watched, callback(listener))
        values = itertools.count()

        def once():
            for _ in range(10):
                value = str(next(values))
                for entity_id in ids:
                    self.hass.states.async_set(entity_id, value, attributes)

        return {"value": rate(10 * ENTITIES, once)}

    async def automation_run(self):
        """CPU microseconds for each run."""
        return await one_by_one(self.change, self.until_from(self.acted))

    async def automation_burst(self):
        """Runs for each CPU second."""
        return await at_once(self.change, self.until_from(self.acted))

    async def sockets(self, burst, clients):
        """CPU microseconds for each delivery."""
        attributes = [{"friendly_name": f"Bench {number}", "unit_of_measurement": "W"} for number in range(SHOWN)]
        write = lambda number, state: self.hass.states.async_set(f"sensor.shown_{number}", state, attributes[number])  # noqa: E731
        return await to_sockets(write, burst, clients)

    def change(self, number):
        """Change what the automation of that number waits for."""
        self.on[number] = not self.on[number]
        self.hass.states.async_set(f"binary_sensor.bench_{number}", "on" if self.on[number] else "off")

    def until_from(self, start):
        """Return what waits for a number of runs, counted from ``start``."""
        return partial(self.until, start)

    async def until(self, start, wanted):
        """Wait until so many runs have acted."""
        while self.acted - start < wanted:
            self.heard.clear()
            await self.heard.wait()
