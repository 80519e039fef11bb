"""Peers for tests of what speaks XMPP."""

from hearth_xmpp.testing.human import Human
from hearth_xmpp.testing.prosody import DOMAIN, PATIENCE, ROOMS, Prosody, free_port

__all__ = ["DOMAIN", "PATIENCE", "ROOMS", "Human", "Prosody", "free_port"]
