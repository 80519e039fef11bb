"""A foreign client announces a lamp over the hub's own endpoint, and is told what to do."""

from __future__ import annotations

import json

from hearth_mqtt.discovery import Discovery
from hearth_mqtt.testing import Mosquitto, Served
from hub import EntityCall

CONFIG = "homeassistant/light/lamp/light/config"
LAMP = {
    "uniq_id": "lamp",
    "name": None,
    "schema": "json",
    "stat_t": "lamp",
    "cmd_t": "lamp/set",
    "brightness": True,
    "sup_clrm": ["brightness"],
    "avty_t": "lamp/up",
    "dev": {"ids": ["lamp"], "name": "Desk lamp"},
}


async def test_a_lamp_of_a_foreign_client_is_discovered_and_obeys(served: Served, mosquitto: Mosquitto) -> None:
    await mosquitto.publish("-t", CONFIG, "-m", json.dumps(LAMP), "-r")
    await mosquitto.publish("-t", "lamp", "-m", '{"state": "ON", "brightness": 100}', "-r")
    await mosquitto.publish("-t", "lamp/up", "-m", "online", "-r")
    host, discovery = served.host, Discovery(served.endpoint, served.host)
    discovery.start()
    await host.until(lambda: "lamp" in host.states and host.states["lamp"].state == "on")
    await host.until(lambda: host.availability.get("lamp") is True)
    assert (host.states["lamp"].attributes or {})["brightness"] == 100

    told = await mosquitto.subscribe("-t", "lamp/set", "-t", "lamp/up")
    assert await told.line() == "online"  # the retained message: it has subscribed
    await discovery.execute(EntityCall(action="light.turn_on", unique_ids=("lamp",), data={"brightness": 255}))
    assert await told.line() == '{"state":"ON","brightness":255}'

    await mosquitto.publish("-t", CONFIG, "-n", "-r")
    await host.until(lambda: "lamp" not in host.entities)
    discovery.stop()
