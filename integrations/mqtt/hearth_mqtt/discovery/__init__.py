"""Home Assistant's MQTT discovery: devices that announce themselves, their entities, triggers and tag scanners."""

from hearth_mqtt.discovery.device_triggers import DeviceTrigger, DeviceTriggers
from hearth_mqtt.discovery.discovery import Discovery

__all__ = ["DeviceTrigger", "DeviceTriggers", "Discovery"]
