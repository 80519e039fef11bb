"""The home: every device, by area, and the world that they stand in."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from hearth_demo.home.device import Device, Form, Identity, Outages
from hearth_demo.home.parts import (
    BinarySensor,
    Blinds,
    Button,
    Doorbell,
    Fan,
    JsonLight,
    Load,
    Lock,
    Number,
    Part,
    PlainLight,
    Pulse,
    Select,
    Sensor,
    Switch,
    Text,
    Thermostat,
)
from hearth_demo.home.world import World
from hearth_demo.layout import AREAS
from hearth_demo.words import Words

WORLD_SPEED = 12.0
"""Weather, warmth and people go so many times faster than the devices: a day passes in two hours."""
_TICK = 0.5

_TEMPERATURE = Words("Temperature", "温度")
_HUMIDITY = Words("Humidity", "湿度")
_POWER = Words("Power", "功率")
_SCENES = (Words("Off", "关"), Words("Stars", "星空"), Words("Ocean", "海洋"), Words("Aurora", "极光"))
_LIT = ("living_room_ceiling", "kitchen_light", "bedside_lamp", "kids_room_light", "desk_lamp")
"""The lights that are on when the home begins: it is half past five in the afternoon."""


class House:
    """The devices of the demo home. ``seed`` makes it the same home again; ``scale`` lets time go faster."""

    def __init__(self, *, language: str = "en", seed: int | None = None, scale: float = 1.0) -> None:
        self._language = language
        self._random = random.Random(seed)  # noqa: S311 - weather, not secrets
        self._scale = scale
        self.world = World(AREAS, self._random)
        self.devices: list[Device] = [
            *self._living_room(),
            *self._kitchen(),
            *self._hallway(),
            *self._garage(),
            *self._bedroom(),
            *self._kids_room(),
            *self._bathroom(),
            *self._study(),
        ]

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        clock = asyncio.get_running_loop().time
        last = clock()
        while True:
            await asyncio.sleep(_TICK / max(1.0, self._scale / 10.0))
            now = clock()
            self.step((now - last) * self._scale)
            last = now

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass for the devices, and more of them in the world."""
        self.world.step(seconds * WORLD_SPEED)
        for device in self.devices:
            device.step(seconds)

    def _living_room(self) -> list[Device]:
        area = "living_room"
        thermostat = Thermostat(room=self.world.rooms[area], entity="living_room_thermostat")
        return [
            self._light(area, "living_room_ceiling", Words("Living room ceiling light", "客厅吸顶灯"), "color_temp"),
            self._light(area, "tv_backlight", Words("TV backlight", "电视背光灯"), "rgb"),
            self._device(
                area, "living_room_thermostat", Words("Living room thermostat", "客厅温控器"), "TH-2", thermostat
            ),
            self._device(
                area,
                "living_room_blinds",
                Words("Living room blinds", "客厅百叶窗"),
                "BL-1",
                Blinds(entity="living_room_blinds", device_class="blind"),
                form=Form.SHORT,
            ),
            self._air(area, "living_room_sensor", Words("Living room sensor", "客厅温湿度计"), form=Form.DEVICE),
            self._plug(area, "tv", Words("TV", "电视"), watts=92, idle=88, works=40, waits=20),
        ]

    def _kitchen(self) -> list[Device]:
        area = "kitchen"
        coffee = Words("Coffee machine", "咖啡机")
        return [
            self._plain_light(area, "kitchen_light", Words("Kitchen light", "厨房灯")),
            self._plug(area, "coffee_machine", coffee, watts=1350, idle=2.1, works=75, waits=600, form=Form.DEVICE),
            self._air(area, "kitchen_sensor", Words("Kitchen sensor", "厨房温湿度计")),
            self._window(area, "kitchen_window", Words("Kitchen window", "厨房窗户")),
        ]

    def _hallway(self) -> list[Device]:
        area, happened = "hallway", self.world.happened
        bell = Doorbell("bell", None, entity="doorbell", every=900.0, source=self._random)
        ring = Button("ring", Words("Ring", "按铃"), entity="doorbell_ring", press=bell.ring, icon="mdi:bell-ring")
        door = self._pulse("contact", "front_door", "front_door", seconds=4.0, device_class="door")
        hello = Words("Hello", "你好").spoken(self._language)
        panel = Text("panel", None, entity="wall_panel", icon="mdi:tablet-dashboard", text=hello)
        bolt = Lock(entity="front_door_lock")
        motion = Pulse(
            "motion",
            Words("Motion", "移动"),
            entity="hallway_motion",
            count=lambda: happened["hallway"],
            seconds=20.0,
            device_class="motion",
        )
        light = self._sensor(
            "illuminance", Words("Illuminance", "照度"), area, lambda: self.world.light(area), "lx", digits=0
        )
        battery = self._sensor("battery", Words("Battery", "电量"), area, self._battery, "%", digits=0, every=3600.0)
        battery.extra["entity_category"] = "diagnostic"
        return [
            self._light(area, "hallway_light", Words("Hallway light", "门厅灯"), "brightness", form=Form.SHORT),
            self._device(
                area, "hallway_sensor", Words("Hallway sensor", "门厅传感器"), "MS-3", motion, light, battery, mqtt=4
            ),
            self._device(area, "front_door", Words("Front door", "前门"), "CS-1", door, mqtt=4),
            self._device(area, "front_door_lock", Words("Front door lock", "前门门锁"), "LK-1", bolt),
            self._device(area, "doorbell", Words("Doorbell", "门铃"), "DB-1", bell, ring, form=Form.SHORT),
            self._device(area, "wall_panel", Words("Wall panel", "墙面面板"), "WP-10", panel),
        ]

    def _garage(self) -> list[Device]:
        area = "garage"
        door = self._pulse("contact", "garage_door", "garage_door", seconds=10.0, device_class="garage_door")
        load = Load(lambda: self.world.elapsed, self._random, watts=82, idle=1.2, works=700, waits=900)
        power = self._sensor("power", _POWER, "freezer", load.power, "W")
        cold = self._sensor("temperature", _TEMPERATURE, "freezer", lambda: self._random.gauss(-18.2, 0.15), "°C")
        return [
            self._plain_light(area, "garage_light", Words("Garage light", "车库灯"), dimmable=False),
            self._device(area, "garage_door", Words("Garage door", "车库门"), "CS-2", door, mqtt=4),
            self._device(
                area,
                "freezer",
                Words("Freezer", "冰柜"),
                "PM-1",
                power,
                cold,
                outages=Outages(self._random, up=200.0, down=25.0),
            ),
        ]

    def _bedroom(self) -> list[Device]:
        area = "bedroom"
        fan = Fan(entity="bedroom_fan")
        return [
            self._light(area, "bedroom_light", Words("Bedroom light", "卧室灯"), "color_temp"),
            self._light(area, "bedside_lamp", Words("Bedside lamp", "床头灯"), "brightness"),
            self._device(area, "bedroom_fan", Words("Bedroom fan", "卧室风扇"), "FN-3", fan, form=Form.SHORT),
            self._air(area, "bedroom_sensor", Words("Bedroom sensor", "卧室温湿度计")),
            self._window(area, "bedroom_window", Words("Bedroom window", "卧室窗户")),
        ]

    def _kids_room(self) -> list[Device]:
        area = "kids_room"
        scene = Select("scene", Words("Scene", "场景"), options=_SCENES, language=self._language)
        scene.entity = "night_light_scene"
        glow = JsonLight("light", None, modes=("rgb",), entity="night_light")
        return [
            self._plain_light(area, "kids_room_light", Words("Kids' room light", "儿童房灯")),
            self._device(area, "night_light", Words("Night light", "小夜灯"), "NL-1", glow, scene),
            self._device(
                area,
                "kids_room_sensor",
                Words("Kids' room sensor", "儿童房温度计"),
                "TS-1",
                self._temperature(area),
                form=Form.SHORT,
                mqtt=4,
            ),
        ]

    def _bathroom(self) -> list[Device]:
        area = "bathroom"
        rail = Switch(entity="towel_rail", device_class="outlet")
        return [
            self._plain_light(area, "bathroom_light", Words("Bathroom light", "浴室灯")),
            self._device(area, "towel_rail", Words("Towel rail", "毛巾架"), "SP-1", rail),
            self._air(area, "bathroom_sensor", Words("Bathroom sensor", "浴室温湿度计")),
        ]

    def _study(self) -> list[Device]:
        area = "study"
        height = Number("height", Words("Height", "高度"), value=74, low=65, high=125, speed=3.5)
        height.entity = "desk_height"
        height.extra |= {"unit_of_measurement": "cm", "device_class": "distance"}
        return [
            self._light(area, "desk_lamp", Words("Desk lamp", "台灯"), "color_temp"),
            self._device(area, "desk", Words("Desk", "升降桌"), "DK-1", height),
            self._plug(area, "computer", Words("Computer", "电脑"), watts=140, idle=65, works=45, waits=75),
            self._device(
                area, "study_sensor", Words("Study sensor", "书房温度计"), "TS-1", self._temperature(area), mqtt=4
            ),
        ]

    def _light(self, area: str, key: str, name: Words, mode: str, form: Form = Form.ENTITIES) -> Device:
        lamp = JsonLight(modes=(mode,), entity=key, on=key in _LIT)
        self.world.rooms[area].lamps.append(lamp.level)
        return self._device(area, key, name, f"LJ-{mode[0].upper()}", lamp, form=form)

    def _plain_light(self, area: str, key: str, name: Words, *, dimmable: bool = True) -> Device:
        lamp = PlainLight(dimmable=dimmable, entity=key, on=key in _LIT)
        self.world.rooms[area].lamps.append(lamp.level)
        return self._device(area, key, name, "LP-1", lamp, form=Form.SHORT, mqtt=4)

    def _air(self, area: str, key: str, name: Words, form: Form = Form.ENTITIES) -> Device:
        room = self.world.rooms[area]
        humidity = self._sensor("humidity", _HUMIDITY, area, lambda: room.humidity, "%", digits=0)
        return self._device(area, key, name, "TS-2", self._temperature(area), humidity, form=form, mqtt=4)

    def _temperature(self, area: str) -> Sensor:
        room = self.world.rooms[area]
        return self._sensor("temperature", _TEMPERATURE, area, lambda: room.temperature, "°C")

    def _plug(self, area: str, key: str, name: Words, form: Form = Form.ENTITIES, **load: float) -> Device:
        switch = Switch(entity=key, device_class="outlet", on=key != "coffee_machine")
        power = self._sensor("power", _POWER, key, Load(switch.on_for, self._random, **load).power, "W")
        return self._device(area, key, name, "SP-2", switch, power, form=form)

    def _window(self, area: str, key: str, name: Words) -> Device:
        room = self.world.rooms[area]
        contact = BinarySensor("contact", None, entity=key, read=lambda: room.window_open, device_class="window")
        return self._device(area, key, name, "CS-1", contact, mqtt=4)

    def _pulse(self, key: str, entity: str, cause: str, *, seconds: float, device_class: str) -> Pulse:
        happened = self.world.happened
        return Pulse(
            key, None, entity=entity, count=lambda: happened[cause], seconds=seconds, device_class=device_class
        )

    def _sensor(self, key: str, name: Words, of: str, read: Callable[[], float], unit: str, **options: Any) -> Sensor:
        entity = f"{of}_{key}"
        return Sensor(key, name, read=read, entity=entity, device_class=key, unit_of_measurement=unit, **options)

    def _battery(self) -> float:
        return 87.0 - self.world.elapsed / 864_000.0

    def _device(
        self,
        area: str,
        key: str,
        name: Words,
        model: str,
        *parts: Part,
        form: Form = Form.ENTITIES,
        mqtt: int = 5,
        outages: Outages | None = None,
    ) -> Device:
        identity = Identity(key=key, name=name, area=area, model=model, form=form, mqtt=mqtt)
        return Device(identity, parts, outages)
