"""The integration of the demo speaker: how it is found, added in a dialog, and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from hearth_demo.adapter import SpeakerAdapter
from hearth_demo.client import SpeakerClient
from hub import DiscoveredDevice, Field, FoundService, Integration, Manifest, Probed, hook, schema

_MANIFEST = Path(__file__).with_name("manifest.json")
_FORM = (
    Field(
        name="host",
        selector={"text": {}},
        required=True,
        default="127.0.0.1",
        label="Host",
        description="The speaker's name or address on the network.",
    ),
    Field(
        name="port",
        selector={"number": {"min": 1, "max": 65535, "mode": "box"}},
        required=True,
        label="Port",
        description="The port of its web interface.",
    ),
)


@hook
def register_integrations() -> Sequence[Integration]:
    """Return the integration."""
    return (
        Integration(
            manifest=Manifest.parse(_MANIFEST.read_bytes(), str(_MANIFEST)),
            make=SpeakerAdapter,
            config_schema=schema(_FORM),
            form=_FORM,
            probe=probe,
            from_service=from_service,
        ),
    )


async def probe(values: Mapping[str, Any]) -> Probed:
    """Ask the speaker who it is.

    Raises ConnectionLost if there is none.
    """
    async with aiohttp.ClientSession() as session:
        device = await SpeakerClient(session, values["host"], values["port"]).device()
    data = {"host": values["host"], "port": values["port"]}
    return Probed(title=device["name"], unique_id=device["id"], data=data)


def from_service(service: FoundService) -> DiscoveredDevice | None:
    """Return what was found, or None if the announcement says too little."""
    unique_id = service.properties.get("id")
    if not unique_id:
        return None
    title = service.properties.get("name") or service.name.removesuffix(f".{service.type}")
    data = {"host": service.host, "port": service.port}
    return DiscoveredDevice(integration="demo", unique_id=unique_id, title=title, source="zeroconf", data=data)
