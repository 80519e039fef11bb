"""``subscribe_entities``: compressed states, then differences, each encoded once for all clients.

Keys (home-assistant-js-websocket): ``s`` state, ``a`` attributes, ``c`` context, ``lc`` last changed, ``lu`` last updated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from typing import Any

import orjson

from hub.core.bus import EventBus, Unlisten
from hub.core.context import Context
from hub.core.events import STATE_CHANGED, StateChanged
from hub.core.state import State
from hub.core.states import States

Send = Callable[[bytes], None]


def compressed(state: State) -> dict[str, Any]:
    """Return a state with short keys; ``lu`` only where it differs from ``lc``."""
    short: dict[str, Any] = {
        "s": state.state,
        "a": state.attributes,
        "c": _context(state.context),
        "lc": state.last_changed,
    }
    if state.last_updated != state.last_changed:
        short["lu"] = state.last_updated
    return short


def difference(old: State, new: State) -> dict[str, Any]:
    """Return what makes ``new`` of ``old``: ``{"+": {...}, "-": {"a": [keys]}}``."""
    plus: dict[str, Any] = {}
    if old.state != new.state:
        plus["s"] = new.state
    if old.context.id != new.context.id:
        plus["c"] = _context(new.context)
    key = "lc" if old.last_changed != new.last_changed else "lu"
    plus[key] = new.last_changed if key == "lc" else new.last_updated
    if old.attributes is not new.attributes:
        changed = {k: v for k, v in new.attributes.items() if k not in old.attributes or old.attributes[k] != v}
        if changed:
            plus["a"] = changed
        gone = [k for k in old.attributes if k not in new.attributes]
        if gone:
            return {"+": plus, "-": {"a": gone}}
    return {"+": plus}


def _context(context: Context) -> str | dict[str, str | None]:
    return context.id if context.parent_id is None and context.user_id is None else context.as_dict()


class EntityFeed:
    """Hands every state change, encoded once, to the clients that watch the entity."""

    def __init__(self, states: States, bus: EventBus) -> None:
        self._states = states
        self._bus = bus
        self._watchers: dict[int, Watcher] = {}
        self._unlisten: Unlisten | None = None

    def watch(self, send: Send, entity_ids: Container[str] | None, max_hz: float = 0.0) -> Unlisten:
        """Send a snapshot of these entities (None: all) and then their changes until the returned function is called.

        ``send`` gets the JSON of the ``event`` object. With ``max_hz`` changes are merged for each entity and sent at most so
        many times a second.
        """
        watcher = Watcher(self._states, send, entity_ids, 1 / max_hz if max_hz > 0 else 0.0)
        watcher.snapshot()
        self._watchers[id(watcher)] = watcher
        if self._unlisten is None:
            self._unlisten = self._bus.listen(STATE_CHANGED, self._changed)

        def unwatch() -> None:
            self._watchers.pop(id(watcher), None)
            watcher.close()
            if not self._watchers and self._unlisten is not None:
                self._unlisten()
                self._unlisten = None

        return unwatch

    def _changed(self, event: StateChanged) -> None:
        encoded: bytes | None = None
        for watcher in tuple(self._watchers.values()):
            if watcher.entity_ids is not None and event.entity_id not in watcher.entity_ids:
                continue
            if watcher.interval:
                watcher.merge(event)
                continue
            if encoded is None:
                encoded = encoded_change(event.entity_id, event.old, event.new)
            watcher.send(encoded)


class Watcher:
    """One client's subscription; merges changes where it asked for fewer."""

    def __init__(self, states: States, send: Send, entity_ids: Container[str] | None, interval: float) -> None:
        self.send = send
        self.entity_ids = entity_ids
        self.interval = interval
        self._states = states
        self._before: dict[str, State | None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def snapshot(self) -> None:
        """Send the states as they are."""
        wanted = self._states.all()
        if self.entity_ids is not None:
            wanted = [state for state in wanted if state.entity_id in self.entity_ids]
        self.send(_encode({"a": {state.entity_id: compressed(state) for state in wanted}}))

    def merge(self, event: StateChanged) -> None:
        """Note a change, to be sent with the next flush."""
        self._before.setdefault(event.entity_id, event.old)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.interval, self._flush)

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        self._timer = None
        before, self._before = self._before, {}
        merged: dict[str, Any] = {}
        for entity_id, old in before.items():
            for kind, value in _change(entity_id, old, self._states.get(entity_id)).items():
                if isinstance(value, list):
                    merged.setdefault(kind, []).extend(value)
                else:
                    merged.setdefault(kind, {}).update(value)
        if merged:
            self.send(_encode(merged))


def encoded_change(entity_id: str, old: State | None, new: State | None) -> bytes:
    """Return the JSON of a change; that of the commonest, a new state with the attributes as they were, put together here."""
    if old is None or new is None or old.attributes is not new.attributes or old.state == new.state:
        return _encode(_change(entity_id, old, new))
    context = new.context
    alike = context is old.context or old.last_changed == new.last_changed
    if alike or context.parent_id is not None or context.user_id is not None:
        return _encode(_change(entity_id, old, new))
    state = orjson.dumps(new.state).decode()
    return f'{{"c":{{"{entity_id}":{{"+":{{"s":{state},"c":"{context.id}","lc":{new.last_changed!r}}}}}}}}}'.encode()


def _change(entity_id: str, old: State | None, new: State | None) -> dict[str, Any]:
    if new is None:
        return {"r": [entity_id]}
    if old is None:
        return {"a": {entity_id: compressed(new)}}
    return {"c": {entity_id: difference(old, new)}}


def _encode(event: Any) -> bytes:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)
