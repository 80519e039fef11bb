"""What an announcement comes to: an entity, a device trigger or a tag scanner."""

from __future__ import annotations

from typing import Protocol

from hearth_mqtt.discovery.announcement import Announcement
from hearth_mqtt.discovery.channels import Owner, Take
from hub import DeviceDescription


class Part(Owner, Protocol):
    """One part of a device, from its announcement to its removal."""

    announcement: Announcement

    @property
    def device(self) -> DeviceDescription | None:
        """The device that it belongs to."""

    @property
    def qos(self) -> int:
        """The quality of service that it asks for."""

    def show(self) -> None:
        """Announce it to the hub."""

    def listens(self) -> list[tuple[str, Take]]:
        """Return its topics, each with what takes their messages."""

    def close(self) -> None:
        """Stop its work; the hub still knows it."""

    def withdraw(self, *, forget: bool) -> None:
        """Tell the hub that it is gone; with ``forget`` for good."""
