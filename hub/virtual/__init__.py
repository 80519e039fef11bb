"""Entities of the hub's own, behind the adapter interface: helpers, lists, scenes, zones, persons, the sun."""

from hub.virtual.collected import Collected
from hub.virtual.collection import Change, Collection
from hub.virtual.definition import Item
from hub.virtual.notifications import Notification, Notifications, Update
from hub.virtual.sun_times import SunEvent, SunTimes
from hub.virtual.todo import TodoList
from hub.virtual.virtual import Virtual
from hub.virtual.zones import accuracy_of, in_zone, located, place_of

__all__ = [
    "Change",
    "Collected",
    "Collection",
    "Item",
    "Notification",
    "Notifications",
    "SunEvent",
    "SunTimes",
    "TodoList",
    "Update",
    "Virtual",
    "accuracy_of",
    "in_zone",
    "located",
    "place_of",
]
