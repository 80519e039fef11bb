"""Sirens and chimes."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT, number


class SirenFeature(IntFlag):
    """What a siren can do."""

    TURN_ON = 1
    TURN_OFF = 2
    TONES = 4
    VOLUME_SET = 8
    DURATION = 16


_F = SirenFeature


def _action(name: str, features: SirenFeature, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="siren", name=name, features=features, fields=fields, description=description)


SIREN = Domain(
    name="siren",
    states=frozenset({"on", "off"}),
    features=SirenFeature,
    attributes=(
        Attribute(
            name="available_tones",
            description="the tones it has: their names, or names by the numbers it knows them by",
            capability=True,
        ),
    ),
    actions=(
        _action(
            "turn_on",
            _F.TURN_ON,
            "Turns a siren on.",
            Field(name="tone", selector=TEXT, example="fire", features=_F.TONES),
            Field(
                name="volume_level",
                selector=number(0, 1, step=0.05),
                example=0.5,
                features=_F.VOLUME_SET,
                description="From 0 to 1.",
            ),
            Field(
                name="duration",
                selector=number(0, unit="s", mode="box"),
                example=15,
                features=_F.DURATION,
                description="How many seconds to sound.",
            ),
        ),
        _action("turn_off", _F.TURN_OFF, "Turns a siren off."),
        _action("toggle", _F.TURN_ON | _F.TURN_OFF, "Toggles a siren on or off."),
    ),
)
