"""Chat channels: people write to the hub through any messenger, and the agent answers those who were let in."""

from hub.agent.channels.channels import Channels, Conversing
from hub.agent.channels.entrance import Entrance
from hub.agent.channels.inbound import Chat, Inbound, Origin
from hub.agent.channels.outbox import Messengers, Outbox
from hub.agent.channels.pairing import Pairing, Pairings
from hub.agent.channels.queues import ChatQueues
from hub.agent.channels.senders import PairedSender, Senders

__all__ = [
    "Channels",
    "Chat",
    "ChatQueues",
    "Conversing",
    "Entrance",
    "Inbound",
    "Messengers",
    "Origin",
    "Outbox",
    "PairedSender",
    "Pairing",
    "Pairings",
    "Senders",
]
