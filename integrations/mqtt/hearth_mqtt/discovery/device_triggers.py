"""Device triggers: a button that a device announces, joined with the automations that wait for it, whichever comes first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hearth_mqtt.bus import Unlisten
from hearth_mqtt.discovery.announcement import Announcement
from hearth_mqtt.discovery.channels import Take
from hearth_mqtt.discovery.common_schema import BASE, DEVICE, keyed, string, to_subscribe
from hearth_mqtt.discovery.description import describe_device
from hearth_mqtt.triggers import Fire, MqttTrigger, Triggers
from hub import AdapterHost, DeviceDescription, InvalidInput

_log = logging.getLogger(__name__)

SCHEMA = vol.Schema(
    {
        **BASE,
        vol.Required("automation_type"): vol.In(["trigger"]),
        vol.Required("device"): DEVICE,
        vol.Required("subtype"): string,
        vol.Required("topic"): to_subscribe,
        vol.Required("type"): string,
        **keyed(dict.fromkeys(("payload", "value_template"), vol.Any(None, string))),
    },
    extra=vol.REMOVE_EXTRA,
)
_WANTED = vol.Schema(
    {
        vol.Required("type"): string,
        vol.Required("subtype"): string,
        vol.Required("identifiers"): [string],
        vol.Required("connections"): [vol.All([string], vol.Length(min=2, max=2))],
    },
    extra=vol.ALLOW_EXTRA,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTrigger:
    """What happens at a device, by its ``type`` and ``subtype``: a button is pressed twice.

    ``keys`` are the identifiers and connections of the device, each as a tuple.
    """

    type: str
    subtype: str
    keys: frozenset[tuple[str, ...]]

    @staticmethod
    def parse(spec: Mapping[str, Any]) -> DeviceTrigger:
        """Return what an automation's device trigger waits for.

        Raises InvalidInput.
        """
        try:
            checked = _WANTED(dict(spec))
        except vol.Invalid as error:
            raise InvalidInput(f"{error} for an mqtt device trigger", path=tuple(map(str, error.path))) from None
        keys = _keys(checked["identifiers"], checked["connections"])
        return DeviceTrigger(type=checked["type"], subtype=checked["subtype"], keys=keys)

    def is_same(self, other: DeviceTrigger) -> bool:
        """Say whether both are about the same thing at the same device."""
        return (self.type, self.subtype) == (other.type, other.subtype) and bool(self.keys & other.keys)


class DeviceTriggers:
    """Joins what automations wait for with what devices announce: each pair is a trigger on the announced topic."""

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers
        self._wanted: dict[object, tuple[DeviceTrigger, Fire]] = {}
        self._announced: dict[object, tuple[DeviceTrigger, MqttTrigger]] = {}
        self._joined: dict[tuple[object, object], Unlisten] = {}

    def add(self, wanted: DeviceTrigger, fire: Fire) -> Unlisten:
        """Call ``fire`` with the variables of each message that means this, until the returned function is called."""
        key = object()
        self._wanted[key] = (wanted, fire)
        for announced in self._announced:
            self._join(key, announced)

        def unlisten() -> None:
            self._wanted.pop(key, None)
            self._separate(lambda pair: pair[0] is key)

        return unlisten

    def announce(self, announced: DeviceTrigger, trigger: MqttTrigger) -> Unlisten:
        """Take it that such messages mean this, until the returned function is called."""
        key = object()
        self._announced[key] = (announced, trigger)
        for wanted in self._wanted:
            self._join(wanted, key)

        def withdraw() -> None:
            self._announced.pop(key, None)
            self._separate(lambda pair: pair[1] is key)

        return withdraw

    def is_announced(self, trigger: DeviceTrigger) -> bool:
        """Say whether the device has announced the same already."""
        return any(trigger.is_same(known) for known, _ in self._announced.values())

    def _join(self, wanted: object, announced: object) -> None:
        (trigger, fire), (other, messages) = self._wanted[wanted], self._announced[announced]
        if trigger.is_same(other):
            self._joined[wanted, announced] = self._triggers.add(messages, fire)

    def _separate(self, concerns: Callable[[tuple[object, object]], bool]) -> None:
        for pair in [pair for pair in self._joined if concerns(pair)]:
            self._joined.pop(pair)()


class AnnouncedTrigger:
    """A device trigger that a device announced: a ``Part``."""

    def __init__(
        self, announcement: Announcement, config: Mapping[str, Any], host: AdapterHost, triggers: DeviceTriggers
    ) -> None:
        self.announcement = announcement
        self.device: DeviceDescription = describe_device(config["device"])
        self.qos: int = config["qos"]
        self._host = host
        self._triggers = triggers
        self._trigger = DeviceTrigger(
            type=config["type"],
            subtype=config["subtype"],
            keys=_keys(self.device.identifiers, self.device.connections),
        )
        self._messages = MqttTrigger(
            topic=config["topic"],
            payload=config.get("payload") or None,
            value_template=config.get("value_template") or None,
            encoding="utf-8",
            qos=self.qos,
        )
        self._withdraw: Unlisten | None = None

    def show(self) -> None:
        self._host.add(self.device)
        if self._triggers.is_announced(self._trigger):
            _log.warning("Ignored %s: %s has announced the same before", self.announcement.topic, self.device.name)
        else:
            self._withdraw = self._triggers.announce(self._trigger, self._messages)

    def listens(self) -> list[tuple[str, Take]]:
        return []  # the trigger listens, for as long as somebody waits for it

    def write(self) -> None:
        """There is nothing to report."""

    def close(self) -> None:
        if self._withdraw is not None:
            self._withdraw()
            self._withdraw = None

    def withdraw(self, *, forget: bool) -> None:
        """The hub knows nothing of it but the device."""

    def __str__(self) -> str:
        return f"device trigger {self._trigger.type} {self._trigger.subtype}"


def _keys(identifiers: Iterable[str], connections: Iterable[Iterable[str]]) -> frozenset[tuple[str, ...]]:
    return frozenset([*((identifier,) for identifier in identifiers), *(tuple(pair) for pair in connections)])
