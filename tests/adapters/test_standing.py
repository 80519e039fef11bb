from __future__ import annotations

from hub.adapters.interfaces import EntityDescription
from hub.adapters.standing import standing_attributes
from tests.adapters.conftest import Home

THERMOMETER = EntityDescription(
    domain="sensor",
    unique_id="cold",
    name="Cold",
    device_class="temperature",
    unit="°C",
    attributes={"state_class": "measurement"},
    available=False,
)


async def test_what_is_remembered_of_an_entity_is_what_its_adapter_showed(home: Home) -> None:
    await home.begin()
    home.host.add(THERMOMETER)
    entity = home.registries.entities.require("sensor.cold")
    shown = home.states.get("sensor.cold")
    assert shown is not None
    assert shown.state == "unavailable"
    assert {**entity.capabilities, **standing_attributes(entity, home.registries)} == shown.attributes
    assert shown.attributes["unit_of_measurement"] == "°C"
    assert shown.attributes["device_class"] == "temperature"


async def test_the_users_icon_goes_before_the_integrations(home: Home) -> None:
    await home.begin()
    home.host.add(THERMOMETER)
    entity = home.registries.entities.require("sensor.cold")
    assert standing_attributes(entity, home.registries, icon="mdi:snowflake")["icon"] == "mdi:snowflake"
    chosen = home.registries.entities.update("sensor.cold", icon="mdi:fridge")
    assert standing_attributes(chosen, home.registries, icon="mdi:snowflake")["icon"] == "mdi:fridge"


async def test_features_are_shown_where_the_domain_has_some(home: Home) -> None:
    await home.begin()
    entity = home.registries.entities.require("light.desk_lamp")
    assert standing_attributes(entity, home.registries)["supported_features"] == 0
