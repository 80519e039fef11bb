"""The numbers of the control packets."""

from __future__ import annotations

from enum import IntEnum


class PacketType(IntEnum):
    """The upper half of a packet's first byte. WILL is no packet of its own: it stands for the will within a CONNECT."""

    WILL = 0
    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15
