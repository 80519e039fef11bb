"""Where people are: device trackers, persons and zones. A state is ``home``, ``not_home`` or the name of a zone."""

from __future__ import annotations

from hub.entities.domain import Attribute, Domain

_PLACE = (
    Attribute(name="latitude", description="how far north", unit="°"),
    Attribute(name="longitude", description="how far east", unit="°"),
)
_ACCURACY = Attribute(name="gps_accuracy", description="how far off that may be", unit="m")
_EDITABLE = Attribute(name="editable", description="whether it was made in the dashboard")

DEVICE_TRACKER = Domain(
    name="device_tracker",
    attributes=(
        Attribute(name="source_type", description="how it is known: gps, router, bluetooth or bluetooth_le"),
        *_PLACE,
        _ACCURACY,
        Attribute(name="battery_level", description="how full the battery of what is tracked is", unit="%"),
        Attribute(name="ip", description="its address in the network"),
        Attribute(name="mac", description="its hardware address"),
        Attribute(name="host_name", description="its name in the network"),
    ),
)

PERSON = Domain(
    name="person",
    attributes=(
        Attribute(name="id", description="the person's id", capability=True),
        _EDITABLE,
        Attribute(name="user_id", description="the user that the person is"),
        Attribute(name="device_trackers", description="the device trackers that the person carries"),
        Attribute(name="source", description="the device tracker that says where the person is"),
        *_PLACE,
        _ACCURACY,
    ),
)

ZONE = Domain(
    name="zone",
    attributes=(
        *_PLACE,
        Attribute(name="radius", description="how far it reaches", unit="m"),
        Attribute(name="passive", description="whether it is for automations only, and names no state"),
        Attribute(name="persons", description="the persons in it; the state is their number"),
        _EDITABLE,
    ),
)
