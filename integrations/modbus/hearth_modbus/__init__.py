"""Modbus for Hearth: TCP, TLS and RTU, with the register map as data."""

from hearth_modbus.integration import register_integrations

__all__ = ["register_integrations"]
