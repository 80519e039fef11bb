"""MQTT's adapter: the hub's own endpoint or a client of another broker, and discovery over either."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hearth_mqtt.bus import MessageBus
from hearth_mqtt.config import BrokerSettings, Settings
from hearth_mqtt.discovery import DeviceTrigger, DeviceTriggers, Discovery
from hearth_mqtt.endpoint import Endpoint, report_counters
from hearth_mqtt.pictures import fetch
from hearth_mqtt.publishing import publish
from hearth_mqtt.triggers import MqttTrigger, Triggers
from hub import AdapterHost, ConfigEntry, ConnectionLost, EntityCall, Picture

_STATUS = "homeassistant/status"
_ONLINE = "online"
_OFFLINE = "offline"

Unlisten = Callable[[], None]


class MqttAdapter:
    """Runs one entry: the hub's own endpoint, or a client if the entry names a ``host``.

    It says ``online`` on ``homeassistant/status`` when it starts and ``offline`` when it stops, as bridges and devices expect
    of Home Assistant. On the hub's own endpoint ``online`` is retained, so that who connects later hears it as well.
    """

    def __init__(self, entry: ConfigEntry) -> None:
        self._settings = Settings.parse(entry.data)
        self._triggers = Triggers()
        self._device_triggers = DeviceTriggers(self._triggers)
        self._bus: MessageBus | None = None
        self._discovery: Discovery | None = None

    async def run(self, host: AdapterHost) -> None:
        settings = self._settings
        if settings.broker is not None:
            await self._run_client(host, settings.broker)
            return
        async with Endpoint(host, users=settings.users, anonymous=settings.allow_anonymous) as endpoint:
            host.task(report_counters(endpoint, host), "mqtt:counters")
            await self._work(endpoint, host, asyncio.Event().wait, retain=True)

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        if self._bus is None:
            raise ConnectionLost("There is no connection to the MQTT broker")
        if call.action == "mqtt.publish":
            await publish(self._bus, call.data)
            return None
        if self._discovery is None:
            raise ConnectionLost("MQTT discovery is switched off: there are no MQTT entities")
        return await self._discovery.execute(call)

    def listen(self, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        if "device_id" in spec:
            return self._device_triggers.add(DeviceTrigger.parse(spec), fire)
        return self._triggers.add(MqttTrigger.parse(spec), fire)

    async def picture(self, unique_id: str) -> Picture | None:
        found = self._discovery.picture(unique_id) if self._discovery is not None else None
        return await fetch(found) if isinstance(found, str) else found

    async def _run_client(self, host: AdapterHost, broker: BrokerSettings) -> None:
        if broker.is_exposed:
            host.audit("mqtt_plaintext", broker.address, reason="allow_plaintext is set for this broker")
        # A hub without another broker does not load what connects to one.
        from aiomqtt import Will  # noqa: PLC0415

        from hearth_mqtt.client import BrokerClient  # noqa: PLC0415

        async with BrokerClient(broker, will=Will(_STATUS, _OFFLINE)) as client:
            await self._work(client, host, client.run, retain=False)

    async def _work(
        self, bus: MessageBus, host: AdapterHost, forever: Callable[[], Awaitable[Any]], *, retain: bool
    ) -> None:
        self._bus = bus
        self._triggers.attach(bus, host.render)
        if self._settings.discovery_prefix is not None:
            self._discovery = Discovery(
                bus, host, prefix=self._settings.discovery_prefix, triggers=self._device_triggers
            )
            self._discovery.start()
        try:
            await bus.publish(_STATUS, _ONLINE, retain=retain)
            host.connected(True)
            await forever()
        finally:
            await self._stop(bus, retain=retain)

    async def _stop(self, bus: MessageBus, *, retain: bool) -> None:
        self._bus = None
        self._triggers.detach()
        if self._discovery is not None:
            self._discovery.stop()
            self._discovery = None
        with contextlib.suppress(ConnectionLost):  # then the broker publishes the will
            await bus.publish(_STATUS, _OFFLINE, retain=retain)
