"""Home Assistant as an integration: its manifest, its dialog, and how it is found on the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from yarl import URL

from hearth_home_assistant.adapter import HomeAssistantAdapter
from hearth_home_assistant.config import EXCLUDE, FORM, SCHEMA, Settings
from hearth_home_assistant.connection import TokenRefused, client_session, connected
from hub import DiscoveredDevice, FoundService, Integration, InvalidInput, Manifest, Probed, hook


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer the bridge to Home Assistant."""
    package = "hearth_home_assistant"
    manifest = Manifest.parse(files(package).joinpath("manifest.json").read_bytes(), f"{package}/manifest.json")
    return [
        Integration(
            manifest=manifest,
            make=HomeAssistantAdapter,
            config_schema=SCHEMA,
            form=FORM,
            probe=probe,
            from_service=from_service,
        )
    ]


async def probe(data: Mapping[str, Any]) -> Probed:
    """Try address and token.

    Raises InvalidInput for what is wrong in the form, ConnectionLost if nothing there speaks as Home Assistant does.
    """
    settings = Settings.parse(data)
    try:
        async with client_session() as http, connected(http, settings) as connection:
            config = await connection.introduce()
    except TokenRefused as refused:
        raise InvalidInput(str(refused), path=("token",)) from None
    kept = {key: value for key, value in data.items() if value not in (None, "")}
    return Probed(
        title=str(config.get("location_name") or settings.address),
        unique_id=data.get("uuid") or settings.address,
        data={**kept, "url": str(settings.url), "token": settings.token},
    )


def from_service(service: FoundService) -> DiscoveredDevice | None:
    """Return the Home Assistant that announces itself, or None if it says too little."""
    properties = service.properties
    uuid = properties.get("uuid")
    if not uuid:
        return None
    announced = properties.get("internal_url", "")  # with TLS, its certificate is for a name and not for an address
    plain = URL.build(scheme="http", host=service.host, port=service.port)
    url = announced if announced.startswith("https://") else str(plain)
    return DiscoveredDevice(
        integration="home_assistant",
        unique_id=uuid,
        title=properties.get("location_name") or "Home Assistant",
        source="zeroconf",
        data={"url": url, "uuid": uuid, "exclude": ", ".join(EXCLUDE), "events": ""},
    )
