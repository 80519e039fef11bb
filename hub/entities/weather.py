"""Weather: what it is like now, as attributes with their units, and forecasts on request."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription, ResponseMode
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import select


class WeatherFeature(IntFlag):
    """Which forecasts there are."""

    FORECAST_DAILY = 1
    FORECAST_HOURLY = 2
    FORECAST_TWICE_DAILY = 4


_CONDITIONS = [
    "clear-night",
    "cloudy",
    "exceptional",
    "fog",
    "hail",
    "lightning",
    "lightning-rainy",
    "partlycloudy",
    "pouring",
    "rainy",
    "snowy",
    "snowy-rainy",
    "sunny",
    "windy",
    "windy-variant",
]
_ATTRIBUTES = {
    "temperature": "how warm it is",
    "apparent_temperature": "how warm it feels",
    "dew_point": "the dew point",
    "temperature_unit": "the unit of temperatures",
    "humidity": "the humidity, in percent",
    "ozone": "how much ozone there is",
    "cloud_coverage": "how much of the sky is covered, in percent",
    "uv_index": "how strong ultraviolet light is",
    "pressure": "the air's pressure",
    "pressure_unit": "its unit",
    "wind_bearing": "where the wind comes from, in degrees or as a point of the compass",
    "wind_gust_speed": "how fast gusts are",
    "wind_speed": "how fast the wind is",
    "wind_speed_unit": "the unit of winds",
    "visibility": "how far one sees",
    "visibility_unit": "its unit",
    "precipitation_unit": "the unit of precipitation in forecasts",
}

WEATHER = Domain(
    name="weather",
    states=frozenset(_CONDITIONS),
    features=WeatherFeature,
    attributes=tuple(Attribute(name=name, description=text) for name, text in _ATTRIBUTES.items()),
    actions=(
        ActionDescription(
            domain="weather",
            name="get_forecasts",
            features=WeatherFeature.FORECAST_DAILY
            | WeatherFeature.FORECAST_HOURLY
            | WeatherFeature.FORECAST_TWICE_DAILY,
            response=ResponseMode.ONLY,
            description="Returns forecasts: by entity, a list under forecast.",
            fields=(Field(name="type", selector=select("daily", "hourly", "twice_daily"), required=True),),
        ),
    ),
)
