"""The hub's one port, and how it tells protocols apart."""

from hub.gateway.listener import Gateway
from hub.gateway.routes import Arrival, Verdict, plain_wires
from hub.gateway.sniff import Wire, sniff

__all__ = ["Arrival", "Gateway", "Verdict", "Wire", "plain_wires", "sniff"]
