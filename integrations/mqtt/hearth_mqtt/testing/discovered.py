"""A home with MQTT discovery over a bus in memory: announce, send, act, and see what becomes of it."""

from __future__ import annotations

from typing import Any

import orjson

from hearth_mqtt.discovery import Discovery
from hearth_mqtt.testing.memory_bus import MemoryBus, Sent
from hub import EntityCall
from hub.testing import MemoryHome, MemoryStore, SimulatedClock


class DiscoveredHome:
    """A home whose time stands still until ``pass_time``; ``stores`` are those of an earlier one."""

    def __init__(self, stores: dict[str, MemoryStore] | None = None) -> None:
        self.clock = SimulatedClock()
        self.home = MemoryHome("mqtt", clock=self.clock, stores=stores)
        self.bus = MemoryBus()
        self.discovery = Discovery(self.bus, self.home.host)
        self.discovery.start()

    async def announce(
        self, component: str, *, unique_id: str | None = "u", at: str = "node/thing", **config: Any
    ) -> None:
        """Announce an entity, retained; without anything else in it the message is empty."""
        document = {**({"unique_id": unique_id} if unique_id else {}), **config} if config else {}
        await self.send(f"homeassistant/{component}/{at}/config", document or "", retain=True)

    async def send(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        """Deliver a message: text and bytes as they are, anything else as JSON."""
        data = payload if isinstance(payload, (bytes, str)) else orjson.dumps(payload)
        self.bus.receive(topic, data, retain=retain)
        await self.pass_time(0)

    async def act(self, action: str, unique_id: str = "u", **data: Any) -> list[Sent]:
        """Carry out an action and return what was published."""
        before = len(self.bus.sent)
        await self.discovery.execute(EntityCall(action=action, unique_ids=(unique_id,), data=data))
        await self.pass_time(0)
        return self.bus.sent[before:]

    async def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.advance(seconds)

    def state(self, unique_id: str = "u") -> str | None:
        """Return the state of an entity, or None if it has none."""
        state = self.home.state_of(unique_id)
        return state.state if state else None

    def attributes(self, unique_id: str = "u") -> dict[str, Any]:
        """Return the attributes of an entity's state."""
        state = self.home.state_of(unique_id)
        assert state is not None, f"{unique_id} has no state"
        return dict(state.attributes)
