"""MQTT as an integration: its manifest, configuration, action and trigger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from hearth_mqtt.adapter import MqttAdapter
from hearth_mqtt.config import FORM, SCHEMA, Settings
from hearth_mqtt.publishing import PUBLISH
from hub import Integration, InvalidInput, Manifest, Probed, hook


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer MQTT."""
    manifest = Manifest.parse(files("hearth_mqtt").joinpath("manifest.json").read_bytes(), "hearth_mqtt/manifest.json")
    return [
        Integration(
            manifest=manifest,
            make=MqttAdapter,
            config_schema=SCHEMA,
            form=FORM,
            probe=probe,
            actions=(PUBLISH,),
        )
    ]


async def probe(data: Mapping[str, Any]) -> Probed:
    """Try to connect to the broker that the form names.

    Raises InvalidInput for what is wrong in the form, ConnectionLost if the broker cannot be reached or refuses.
    """
    from hearth_mqtt.client import BrokerClient, BrokerRefused  # noqa: PLC0415 - see adapter.py

    broker = Settings.parse(data).broker
    if broker is None:
        raise InvalidInput("Expected the name or address of a broker", path=("host",))
    try:
        async with BrokerClient(broker):
            kept = {key: value for key, value in data.items() if value not in (None, "")}
            return Probed(title=broker.address, unique_id=broker.address, data=kept)
    except BrokerRefused as error:
        raise InvalidInput(str(error), path=("password",)) from None
