"""What comes into a limited view, and what leaves it, when entities, devices or areas change."""

from __future__ import annotations

import asyncio
from collections.abc import Container

import orjson

from hub.core.bus import EventBus
from hub.core.events import AnyEvent
from hub.core.states import States
from hub.server.websocket.feed import Send, compressed

_CHANGES = ("area_registry_updated", "device_registry_updated", "entity_registry_updated")
_PAUSE = 0.25
"""Seconds in which changes are collected: an integration that starts makes many."""


class Moves:
    """Tells a client of ``subscribe_entities`` which entities it sees from now on, and which no more.

    What has left the view is not sent from that moment on; this only tidies up what the client still shows.
    """

    def __init__(self, states: States, bus: EventBus, view: Container[str], send: Send) -> None:
        self._states = states
        self._view = view
        self._send = send
        self._shown = self._now()
        self._timer: asyncio.TimerHandle | None = None
        self._unlisten = [bus.listen(type_, self._changed) for type_ in _CHANGES]

    def close(self) -> None:
        """Tell nothing more."""
        for unlisten in self._unlisten:
            unlisten()
        if self._timer is not None:
            self._timer.cancel()

    def _changed(self, _: AnyEvent) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._tell)

    def _tell(self) -> None:
        self._timer = None
        before, self._shown = self._shown, self._now()
        come, gone = self._shown - before, before - self._shown
        states = [state for entity_id in sorted(come) if (state := self._states.get(entity_id)) is not None]
        event = {"a": {state.entity_id: compressed(state) for state in states}, "r": sorted(gone)}
        told = {kind: value for kind, value in event.items() if value}
        if told:
            self._send(orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS))

    def _now(self) -> set[str]:
        return {state.entity_id for state in self._states.all() if state.entity_id in self._view}
