"""XMPP for Hearth: talk to the agent from any XMPP messenger, and let automations write to you."""

from hearth_xmpp.integration import register_integrations

__all__ = ["register_integrations"]
