"""The sun: above or below the horizon."""

from __future__ import annotations

from hub.entities.domain import Attribute, Domain

SUN = Domain(
    name="sun",
    states=frozenset({"above_horizon", "below_horizon"}),
    attributes=(
        Attribute(name="next_dawn", description="when it next begins to grow light"),
        Attribute(name="next_dusk", description="when it next is dark"),
        Attribute(name="next_midnight", description="when the sun is next lowest"),
        Attribute(name="next_noon", description="when the sun is next highest"),
        Attribute(name="next_rising", description="when the sun next rises"),
        Attribute(name="next_setting", description="when the sun next sets"),
        Attribute(name="elevation", description="how high it stands", unit="°"),
        Attribute(name="azimuth", description="in which direction", unit="°"),
        Attribute(name="rising", description="whether it is before noon"),
    ),
)
