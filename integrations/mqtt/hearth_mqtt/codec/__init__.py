"""MQTT 3.1.1 and 5 on the wire: pure, incremental, and apart from any socket."""

from hearth_mqtt.codec.encoding import encode, encode_success
from hearth_mqtt.codec.packets import (
    Acknowledgement,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Version,
    Will,
)
from hearth_mqtt.codec.properties import EMPTY, Properties
from hearth_mqtt.codec.reasons import ProtocolViolation, Reason
from hearth_mqtt.codec.stream import PacketStream
from hearth_mqtt.codec.types import PacketType

__all__ = [
    "EMPTY",
    "Acknowledgement",
    "Auth",
    "Connack",
    "Connect",
    "Disconnect",
    "Packet",
    "PacketStream",
    "PacketType",
    "Pingreq",
    "Pingresp",
    "Properties",
    "ProtocolViolation",
    "Publish",
    "Reason",
    "Suback",
    "Subscribe",
    "Subscription",
    "Unsuback",
    "Unsubscribe",
    "Version",
    "Will",
    "encode",
    "encode_success",
]
