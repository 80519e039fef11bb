"""Kinds of things: the one word by which the model lists an entity, and the words by which people speak of it."""

from __future__ import annotations

from collections.abc import Mapping

from hub.agent.normalise import normalise

_OF_DOMAIN: Mapping[str, str] = {
    "alarm_control_panel": "alarm",
    "device_tracker": "tracker",
    "input_boolean": "helper",
    "lawn_mower": "mower",
    "media_player": "media",
    "todo": "list",
    "water_heater": "heater",
}

_OF_CLASS: Mapping[str, Mapping[str, str]] = {
    "switch": {"outlet": "outlet"},
    "cover": {
        name: name for name in ("awning", "blind", "curtain", "door", "garage", "gate", "shade", "shutter", "window")
    },
    "binary_sensor": {
        "carbon_monoxide": "co",
        "garage_door": "garage",
        "moving": "motion",
        "opening": "door",
        "presence": "occupancy",
    },
    "sensor": {"atmospheric_pressure": "pressure", "carbon_dioxide": "co2", "carbon_monoxide": "co"},
}

_WIDER: Mapping[str, tuple[str, ...]] = {
    "outlet": ("switch",),
    "garage": ("door", "cover"),
    **dict.fromkeys(("awning", "blind", "curtain", "door", "gate", "shade", "shutter", "window"), ("cover",)),
}

KINDS: tuple[str, ...] = (
    "light", "switch", "outlet", "lock", "climate", "fan", "media", "vacuum", "valve",
    "cover", "curtain", "blind", "shade", "shutter", "awning", "window", "door", "garage", "gate",
    "temperature", "humidity", "illuminance", "battery", "motion", "occupancy", "moisture", "smoke", "co", "co2",
    "power", "energy", "pressure", "gas", "scene", "script", "timer",
)  # fmt: skip
"""Those that the model knows by heart; a home may have others."""

_SPOKEN: Mapping[str, str] = {
    "light": "light lights lamp lamps lighting bulb bulbs illuminate brightness bright brighter dim dimmer dark darker "
    "color colour 灯 灯光 照明 亮度 亮 暗 颜色",
    "switch": "switch switches 开关",
    "outlet": "outlet outlets plug plugs socket sockets 插座",
    "lock": "lock locks locked unlock unlocked door doors 锁 门锁 上锁 解锁 门",
    "climate": "climate thermostat thermostats heating heater heat cooling ac hvac temperature warm warmer cool cooler "
    "cold hot degrees radiator air|conditioner air|conditioning 空调 恒温器 温控器 暖气 温度 制冷 制热 热 冷 度",
    "fan": "fan fans ventilator speed 风扇 电扇 吊扇 风速",
    "media": "media tv television speaker speakers music song track radio volume louder quieter mute unmute play pause "
    "player 电视 电视机 音箱 音响 音乐 歌 音量 播放 静音 暂停",
    "vacuum": "vacuum hoover robot clean 扫地机 扫地机器人 吸尘器",
    "valve": "valve valves 阀 阀门",
    "cover": "cover covers 窗帘 卷帘",
    "curtain": "curtain curtains drape drapes 窗帘",
    "blind": "blind blinds 百叶窗 百叶帘",
    "shade": "shade shades 遮阳帘",
    "shutter": "shutter shutters 卷帘",
    "awning": "awning awnings 雨篷 遮阳篷",
    "window": "window windows 窗 窗户",
    "door": "door doors 门",
    "garage": "garage|door garage 车库门",
    "gate": "gate gates 大门",
    "temperature": "temperature temperatures warm hot cold degrees 温度 热 冷 度",
    "humidity": "humidity humid 湿度",
    "illuminance": "illuminance brightness lux 照度",
    "battery": "battery batteries 电池 电量",
    "motion": "motion movement moving 移动 动静",
    "occupancy": "occupancy occupied presence anyone anybody someone 有人 占用",
    "moisture": "moisture leak leaks water wet 漏水 水浸",
    "smoke": "smoke 烟雾 烟",
    "co": "carbon|monoxide co 一氧化碳",
    "co2": "co|2 carbon|dioxide 二氧化碳",
    "power": "power watt watts 功率",
    "energy": "energy 电量 能耗",
    "pressure": "pressure 气压",
    "gas": "gas 燃气",
    "scene": "scene scenes 场景 模式",
    "script": "script scripts 脚本 模式",
    "automation": "automation automations 自动化",
    "button": "button buttons press 按钮",
    "alarm": "alarm alarms security arm armed disarm disarmed 警报 报警 报警器 安防 布防 撤防",
    "heater": "water|heater boiler 热水器",
    "helper": "mode 模式",
    "humidifier": "humidifier humidifiers dehumidifier 加湿器 除湿机 除湿器",
    "list": "list lists shopping todo to-do 清单 列表 待办",
    "mower": "mower mowing mow lawn 割草机 割草 草坪",
    "person": "who where anyone anybody everyone 谁 人 哪里 哪儿",
    "siren": "siren sirens 警笛 警报器",
    "timer": "timer timers countdown 计时器 计时 倒计时 定时器 定时",
    "weather": "weather forecast 天气 气温",
}

SPOKEN: Mapping[str, frozenset[str]] = {
    kind: frozenset(normalise(phrase.replace("|", " ")) for phrase in text.split()) for kind, text in _SPOKEN.items()
}
"""The normalised words and phrases that speak of a kind, or of what only that kind can do."""


def kind_of(domain: str, device_class: str | None) -> str:
    """Return the kind of an entity: its device class where that says more than its domain.

    >>> kind_of("cover", "blind"), kind_of("binary_sensor", "carbon_monoxide"), kind_of("media_player", "tv")
    ('blind', 'co', 'media')
    """
    known = _OF_CLASS.get(domain, {}).get(device_class or "")
    if known:
        return known
    if domain in ("binary_sensor", "sensor") and device_class:
        return normalise(device_class.replace("_", " ")) or domain
    return _OF_DOMAIN.get(domain, domain)


def is_a(kind: str, wanted: str) -> bool:
    """Say whether a thing of ``kind`` is meant by ``wanted``: a blind is a cover too."""
    return kind == wanted or wanted in _WIDER.get(kind, ())
