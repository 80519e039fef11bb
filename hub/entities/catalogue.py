"""The entity domains that the hub knows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.entities.automation import AUTOMATION
from hub.entities.binary_sensor import BINARY_SENSOR
from hub.entities.button import BUTTON
from hub.entities.climate import CLIMATE
from hub.entities.cover import COVER
from hub.entities.domain import Domain
from hub.entities.event import EVENT
from hub.entities.fan import FAN
from hub.entities.light import LIGHT
from hub.entities.lock import LOCK
from hub.entities.media_player import MEDIA_PLAYER
from hub.entities.number import NUMBER
from hub.entities.select import SELECT
from hub.entities.sensor import SENSOR
from hub.entities.switch import SWITCH
from hub.entities.text import TEXT

DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        domain.name: domain
        for domain in (
            AUTOMATION,
            BINARY_SENSOR,
            BUTTON,
            CLIMATE,
            COVER,
            EVENT,
            FAN,
            LIGHT,
            LOCK,
            MEDIA_PLAYER,
            NUMBER,
            SELECT,
            SENSOR,
            SWITCH,
            TEXT,
        )
    }
)
