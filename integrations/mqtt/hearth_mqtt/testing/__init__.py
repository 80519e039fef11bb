"""Peers for tests of what speaks MQTT."""

from hearth_mqtt.testing.discovered import DiscoveredHome
from hearth_mqtt.testing.endpoint import Inbox, Served, serve
from hearth_mqtt.testing.memory_bus import MemoryBus, Sent
from hearth_mqtt.testing.mosquitto import PATIENCE, Mosquitto, Running, free_port, require, start, start_broker
from hearth_mqtt.testing.wire import Socket, client, connect

__all__ = [
    "PATIENCE",
    "DiscoveredHome",
    "Inbox",
    "MemoryBus",
    "Mosquitto",
    "Running",
    "Sent",
    "Served",
    "Socket",
    "client",
    "connect",
    "free_port",
    "require",
    "serve",
    "start",
    "start_broker",
]
