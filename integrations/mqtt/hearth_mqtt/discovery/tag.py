"""tag: a scanner that says which tag was held to it. Each scan is the event ``tag_scanned``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.announcement import Announcement
from hearth_mqtt.discovery.channels import Take
from hearth_mqtt.discovery.common_schema import BASE, DEVICE, TEMPLATE, to_subscribe
from hearth_mqtt.discovery.description import describe_device
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.value_template import value_reader
from hub import AdapterHost, DeviceDescription

SCHEMA = vol.Schema(
    {
        **BASE,
        vol.Required("topic"): to_subscribe,
        vol.Optional("device"): DEVICE,
        vol.Optional("value_template"): TEMPLATE,
    },
    extra=vol.REMOVE_EXTRA,
)


class TagScanner:
    """A tag scanner that was announced: a ``Part``."""

    def __init__(self, announcement: Announcement, config: Mapping[str, Any], host: AdapterHost) -> None:
        self.announcement = announcement
        self.device: DeviceDescription | None = describe_device(config["device"]) if "device" in config else None
        self.qos: int = config["qos"]
        identifiers = self.device.identifiers if self.device else ()
        self._reader = identifiers[0] if identifiers else None
        self._topic: str = config["topic"]
        self._host = host
        self._read = value_reader(config.get("value_template"), config["encoding"], host.render, dict)

    def show(self) -> None:
        if self.device is not None:
            self._host.add(self.device)

    def listens(self) -> list[tuple[str, Take]]:
        return [(self._topic, self._take)]

    def write(self) -> None:
        """There is nothing to report."""

    def close(self) -> None:
        """There is nothing to stop."""

    def withdraw(self, *, forget: bool) -> None:
        """The hub knows nothing of it but the device."""

    def _take(self, incoming: Incoming) -> bool:
        tag_id = (self._read(incoming) or "").strip()
        if tag_id:
            self._host.fire("tag_scanned", {"tag_id": tag_id, "name": None}, self._reader)
        return False

    def __str__(self) -> str:
        return f"tag scanner {self.announcement.id}"
