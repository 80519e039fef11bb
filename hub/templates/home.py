"""What templates may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from hub.core.clock import Clock
from hub.core.registry import Registries
from hub.core.states import States


@dataclass(frozen=True, slots=True)
class Home:
    """States, registries and the time where the home is."""

    states: States
    registries: Registries
    clock: Clock
    time_zone: tzinfo

    def now(self) -> datetime:
        """Return the local time."""
        return datetime.fromtimestamp(self.clock.time(), self.time_zone)

    def utcnow(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def local(self, value: datetime) -> datetime:
        """Return ``value`` in local time; without a time zone it is local already."""
        if value.tzinfo is None:
            return value.replace(tzinfo=self.time_zone)
        return value.astimezone(self.time_zone)
