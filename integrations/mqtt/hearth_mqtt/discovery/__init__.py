"""Home Assistant's MQTT discovery: devices that announce themselves, and their entities."""

from hearth_mqtt.discovery.discovery import Discovery

__all__ = ["Discovery"]
