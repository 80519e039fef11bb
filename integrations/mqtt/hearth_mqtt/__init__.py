"""MQTT for Hearth: the hub's own broker, a client for others, and Home Assistant discovery."""

from hearth_mqtt.integration import register_integrations

__all__ = ["register_integrations"]
