"""Distances on the earth."""

from __future__ import annotations

import math

EARTH_RADIUS = 6_371_008.8
"""Metres: the mean radius; distances are right to about 0.5 %."""


def distance(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Return the metres between two places given in degrees, along the surface.

    >>> round(distance(52.5163, 13.3777, 52.5186, 13.3761))
    278
    """
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    half_phi, half_lambda = (to_phi - phi) / 2, math.radians(to_longitude - longitude) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(to_phi) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))
