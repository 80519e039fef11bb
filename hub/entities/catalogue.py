"""The entity domains that the hub knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.entities.alarm_control_panel import ALARM_CONTROL_PANEL
from hub.entities.automation import AUTOMATION
from hub.entities.binary_sensor import BINARY_SENSOR
from hub.entities.button import BUTTON
from hub.entities.camera import CAMERA, IMAGE
from hub.entities.climate import CLIMATE
from hub.entities.counter import COUNTER
from hub.entities.cover import COVER
from hub.entities.dates_and_times import DATE, DATETIME, TIME
from hub.entities.domain import Domain
from hub.entities.event import EVENT
from hub.entities.fan import FAN
from hub.entities.humidifier import HUMIDIFIER
from hub.entities.input_boolean import INPUT_BOOLEAN
from hub.entities.input_button import INPUT_BUTTON
from hub.entities.input_datetime import INPUT_DATETIME
from hub.entities.input_number import INPUT_NUMBER
from hub.entities.input_select import INPUT_SELECT
from hub.entities.input_text import INPUT_TEXT
from hub.entities.lawn_mower import LAWN_MOWER
from hub.entities.light import LIGHT
from hub.entities.lock import LOCK
from hub.entities.media_player import MEDIA_PLAYER
from hub.entities.notify import NOTIFY, PERSISTENT_NOTIFICATION
from hub.entities.number import NUMBER
from hub.entities.presence import DEVICE_TRACKER, PERSON, ZONE
from hub.entities.scene import SCENE
from hub.entities.schedule import SCHEDULE
from hub.entities.select import SELECT
from hub.entities.sensor import SENSOR
from hub.entities.siren import SIREN
from hub.entities.sun import SUN
from hub.entities.switch import SWITCH
from hub.entities.text import TEXT
from hub.entities.timer import TIMER
from hub.entities.todo import TODO_LIST
from hub.entities.update import UPDATE
from hub.entities.vacuum import VACUUM
from hub.entities.valve import VALVE
from hub.entities.water_heater import WATER_HEATER
from hub.entities.weather import WEATHER

DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        domain.name: domain
        for domain in (
            ALARM_CONTROL_PANEL,
            AUTOMATION,
            BINARY_SENSOR,
            BUTTON,
            CAMERA,
            CLIMATE,
            COUNTER,
            COVER,
            DATE,
            DATETIME,
            DEVICE_TRACKER,
            EVENT,
            FAN,
            HUMIDIFIER,
            IMAGE,
            INPUT_BOOLEAN,
            INPUT_BUTTON,
            INPUT_DATETIME,
            INPUT_NUMBER,
            INPUT_SELECT,
            INPUT_TEXT,
            LAWN_MOWER,
            LIGHT,
            LOCK,
            MEDIA_PLAYER,
            NOTIFY,
            NUMBER,
            PERSISTENT_NOTIFICATION,
            PERSON,
            SCENE,
            SCHEDULE,
            SELECT,
            SENSOR,
            SIREN,
            SUN,
            SWITCH,
            TEXT,
            TIME,
            TIMER,
            TODO_LIST,
            UPDATE,
            VACUUM,
            VALVE,
            WATER_HEATER,
            WEATHER,
            ZONE,
        )
    }
)
