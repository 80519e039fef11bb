"""What this package offers to the hub: its settings, its dialog, its adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hearth_blank_device.adapter import BlankDeviceAdapter
from hearth_blank_device.connection import Connection
from hub import Field, Integration, Manifest, Probed, hook, schema

_MANIFEST = Path(__file__).with_name("manifest.json")
FORM = (
    Field(name="host", selector={"text": {}}, required=True, label="Host", description="Its name or address."),
    Field(
        name="port",
        selector={"number": {"min": 1, "max": 65535, "mode": "box"}},
        default=7000,
        label="Port",
        description="7000 unless the device was set up otherwise.",
    ),
)


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer the integration."""
    return (
        Integration(
            manifest=Manifest.parse(_MANIFEST.read_bytes(), str(_MANIFEST)),
            make=BlankDeviceAdapter,
            config_schema=schema(FORM),
            form=FORM,
            probe=probe,
        ),
    )


async def probe(values: Mapping[str, Any]) -> Probed:
    """Ask the device who it is.

    Raises ConnectionLost if there is none.
    """
    async with Connection.opened(values["host"], values["port"]) as connection:
        title = f"Blank device {connection.serial}"
        return Probed(title=title, unique_id=connection.serial, data=dict(values))
