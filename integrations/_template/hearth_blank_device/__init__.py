"""Blank device: an integration for Hearth."""

from hearth_blank_device.integration import register_integrations

__all__ = ["register_integrations"]
