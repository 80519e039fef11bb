"""Home Assistant for Hearth: brings an existing Home Assistant's areas, devices and entities here."""

from hearth_home_assistant.integration import register_integrations

__all__ = ["register_integrations"]
