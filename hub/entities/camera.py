"""Cameras and images: still pictures, fetched when somebody looks."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.entities.domain import Attribute, Domain


class CameraFeature(IntFlag):
    """What a camera can do."""

    ON_OFF = 1
    STREAM = 2


def _action(name: str, description: str, features: int = 0) -> ActionDescription:
    return ActionDescription(domain="camera", name=name, features=features, description=description)


_ACCESS_TOKEN = Attribute(name="access_token", description="a short-lived token for the address of its picture")

CAMERA = Domain(
    name="camera",
    states=frozenset({"idle", "recording", "streaming"}),
    features=CameraFeature,
    attributes=(
        _ACCESS_TOKEN,
        Attribute(name="brand", description="who made it"),
        Attribute(name="model_name", description="its model"),
        Attribute(name="motion_detection", description="whether it looks for motion"),
    ),
    actions=(
        _action("enable_motion_detection", "Makes a camera look for motion."),
        _action("disable_motion_detection", "Makes a camera look for motion no more."),
        _action("turn_off", "Turns a camera off.", CameraFeature.ON_OFF),
        _action("turn_on", "Turns a camera on.", CameraFeature.ON_OFF),
    ),
)

IMAGE = Domain(name="image", attributes=(_ACCESS_TOKEN,))
"""The state is when the picture last changed, as an ISO time."""
