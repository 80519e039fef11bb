"""A foreign client announces a lamp over the hub's own endpoint, and is told what to do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hearth_mqtt.discovery import Discovery
from hearth_mqtt.discovery.components.catalogue import COMPONENTS
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


EVERYTHING: dict[str, dict[str, Any]] = {
    "alarm_control_panel": {"stat_t": "~/alarm", "cmd_t": "~/alarm/set"},
    "binary_sensor": {"stat_t": "~/door"},
    "button": {"cmd_t": "~/press"},
    "camera": {"t": "~/camera"},
    "climate": {"mode_cmd_t": "~/mode"},
    "cover": {"cmd_t": "~/cover/set"},
    "date": {"cmd_t": "~/date/set"},
    "datetime": {"cmd_t": "~/datetime/set"},
    "device_automation": {"atype": "trigger", "t": "~/action", "type": "action", "stype": "single"},
    "device_tracker": {"stat_t": "~/place"},
    "event": {"stat_t": "~/event", "evt_typ": ["ring"]},
    "fan": {"cmd_t": "~/fan/set"},
    "humidifier": {"cmd_t": "~/humidifier/set", "hum_cmd_t": "~/humidity/set"},
    "image": {"img_t": "~/image"},
    "lawn_mower": {"dock_cmd_t": "~/dock"},
    "light": {"cmd_t": "~/light/set"},
    "lock": {"cmd_t": "~/lock/set"},
    "notify": {"cmd_t": "~/say"},
    "number": {"cmd_t": "~/number/set"},
    "scene": {"cmd_t": "~/scene/set"},
    "select": {"cmd_t": "~/select/set", "ops": ["a", "b"]},
    "sensor": {"stat_t": "~/value"},
    "siren": {"cmd_t": "~/siren/set"},
    "switch": {"cmd_t": "~/switch/set"},
    "tag": {"t": "~/tag"},
    "text": {"cmd_t": "~/text/set"},
    "time": {"cmd_t": "~/time/set"},
    "update": {"stat_t": "~/version"},
    "vacuum": {"cmd_t": "~/vacuum/set"},
    "valve": {"cmd_t": "~/valve/set"},
    "water_heater": {"mode_cmd_t": "~/heater/set"},
}


async def test_every_component_comes_in_one_message_of_a_foreign_client(served: Served, mosquitto: Mosquitto) -> None:
    assert set(EVERYTHING) == COMPONENTS | {"device_automation", "tag"}
    message = {
        "~": "thing",
        "dev": {"ids": "thing", "name": "Thing"},
        "o": {"name": "test"},
        "avty_t": "thing/up",
        "cmps": {name: {"p": name, "uniq_id": f"thing {name}", **rest} for name, rest in EVERYTHING.items()},
    }
    host, discovery = served.host, Discovery(served.endpoint, served.host)
    discovery.start()
    await mosquitto.publish("-t", "homeassistant/device/thing/config", "-m", json.dumps(message), "-r")
    await host.until(lambda: len(host.entities) == len(COMPONENTS))
    assert {entity.domain for entity in host.entities.values()} == COMPONENTS
    await mosquitto.publish("-t", "thing/up", "-m", "online", "-r")
    await host.until(lambda: all(host.availability.get(f"thing {name}") for name in COMPONENTS))

    told = await mosquitto.subscribe("-t", "thing/#", "-R", "-F", "%t %p")
    subscribed = asyncio.create_task(told.line())
    while not subscribed.done():
        await mosquitto.publish("-t", "thing/tag", "-m", "ready")
        await asyncio.wait([subscribed], timeout=0.2)
    assert subscribed.result() == "thing/tag ready"
    for action, data, line in (
        ("vacuum.start", {}, "thing/vacuum/set start"),
        ("siren.turn_on", {"duration": 5}, 'thing/siren/set {"state":"ON","duration":5}'),
        ("notify.send_message", {"message": "hello"}, "thing/say hello"),
        ("date.set_value", {"date": "2026-01-31"}, "thing/date/set 2026-01-31"),
        ("alarm_control_panel.alarm_arm_home", {}, "thing/alarm/set ARM_HOME"),
        ("water_heater.set_operation_mode", {"operation_mode": "eco"}, "thing/heater/set eco"),
    ):
        unique_id = f"thing {action.partition('.')[0]}"
        await discovery.execute(EntityCall(action=action, unique_ids=(unique_id,), data=data))
        while (heard := await told.line()) == "thing/tag ready":
            """It was said more than once."""
        assert heard == line
    assert ("tag_scanned", {"tag_id": "ready", "name": None, "device_id": "thing"}) in host.events

    await mosquitto.publish("-t", "homeassistant/device/thing/config", "-n", "-r")
    await host.until(lambda: not host.entities)
    discovery.stop()
