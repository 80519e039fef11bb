"""OPC UA for Hearth: variables of a server as entities, by subscription."""

from hearth_opcua.integration import register_integrations

__all__ = ["register_integrations"]
