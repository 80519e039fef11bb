"""What the endpoint counts, as sensors for whoever looks into a problem. They are disabled until somebody enables them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hearth_mqtt.endpoint.limits import Counters
from hub import AdapterHost, EntityDescription, Report

_EVERY = 30.0  # seconds
_NAMES: Mapping[str, str] = {
    "connected": "MQTT clients connected",
    "received": "MQTT messages received",
    "sent": "MQTT messages sent",
    "dropped": "MQTT messages dropped",
    "refused": "MQTT connections refused",
}


class Counted(Protocol):
    """The endpoint, as far as its sensors care."""

    @property
    def counters(self) -> Counters:
        """What happened since the start."""

    @property
    def connected(self) -> int:
        """How many clients are connected."""


async def report_counters(endpoint: Counted, host: AdapterHost) -> None:
    """Report what the endpoint counts every half minute, until cancelled."""
    for key, name in _NAMES.items():
        host.add(_description(key, name))
    while True:
        for key in _NAMES:
            value = endpoint.connected if key == "connected" else getattr(endpoint.counters, key)
            host.report(Report(unique_id=_unique_id(key), state=str(value)))
        await host.clock.sleep(_EVERY)


def _description(key: str, name: str) -> EntityDescription:
    kind = "measurement" if key == "connected" else "total_increasing"
    return EntityDescription(
        domain="sensor",
        unique_id=_unique_id(key),
        name=name,
        attributes={"state_class": kind},
        entity_category="diagnostic",
        enabled_by_default=False,
    )


def _unique_id(key: str) -> str:
    return f"hearth_endpoint {key}"
