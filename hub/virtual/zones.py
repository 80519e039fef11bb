"""Which zone a place is in, from the states of zones; ours and those of integrations alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core.geometry import distance
from hub.core.state import State
from hub.core.states import States

HOME, NOT_HOME = "home", "not_home"
HOME_ZONE = "zone.home"


def place_of(attributes: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the latitude and longitude that a state tells, or None."""
    latitude, longitude = attributes.get("latitude"), attributes.get("longitude")
    if not isinstance(latitude, (int, float)) or not isinstance(longitude, (int, float)):
        return None
    return latitude, longitude


def in_zone(zone: State, latitude: float, longitude: float, accuracy: float = 0.0) -> bool:
    """Say whether a place known to ``accuracy`` metres may be in a zone."""
    away = _beyond(zone, latitude, longitude)
    return away is not None and away < accuracy


def zone_of(states: States, latitude: float, longitude: float, accuracy: float = 0.0) -> State | None:
    """Return the nearest zone that a place is in, of equally near ones the smallest. Passive zones do not count."""
    found = [
        zone
        for zone in states.in_domain("zone")
        if not zone.attributes.get("passive") and in_zone(zone, latitude, longitude, accuracy)
    ]
    return min(found, key=lambda zone: (_away(zone, latitude, longitude), zone.attributes["radius"]), default=None)


def located(states: States, attributes: Mapping[str, Any]) -> str | None:
    """Return the state of a device tracker with these attributes: ``home``, ``not_home`` or a zone's name.

    None where they tell no place.
    """
    place = place_of(attributes)
    if place is None:
        return None
    zone = zone_of(states, *place, accuracy_of(attributes))
    if zone is None:
        return NOT_HOME
    return HOME if zone.entity_id == HOME_ZONE else zone.name


def accuracy_of(attributes: Mapping[str, Any]) -> float:
    """Return how far off a place may be, in metres."""
    accuracy = attributes.get("gps_accuracy")
    return float(accuracy) if isinstance(accuracy, (int, float)) else 0.0


def _away(zone: State, latitude: float, longitude: float) -> float:
    place = place_of(zone.attributes)
    return distance(latitude, longitude, *place) if place is not None else float("inf")


def _beyond(zone: State, latitude: float, longitude: float) -> float | None:
    """Return how far outside the zone a place is, negative inside; None for a zone without place or size."""
    radius = zone.attributes.get("radius")
    if place_of(zone.attributes) is None or not isinstance(radius, (int, float)):
        return None
    return _away(zone, latitude, longitude) - radius
