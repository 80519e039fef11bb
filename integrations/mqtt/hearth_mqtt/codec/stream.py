"""From a stream of bytes, however it is cut, to packets."""

from __future__ import annotations

from hearth_mqtt.codec.decoding import FIRST_BYTES, decode
from hearth_mqtt.codec.packets import Connect, Packet, Version
from hearth_mqtt.codec.reasons import ProtocolViolation, Reason
from hearth_mqtt.codec.types import PacketType


class PacketStream:
    """Cuts a stream into packets and decodes them: ``feed`` bytes, then call ``next`` until it returns None.

    Without a ``version`` the stream is a server's: it must begin with a CONNECT, which says the version. ``max_size`` limits
    a packet's body and may be changed between packets. No more is held than one packet that has not come whole.
    """

    def __init__(self, *, max_size: int, version: Version | None = None) -> None:
        self.max_size = max_size
        self.version = version
        self._data = b""
        self._at = 0
        # The beginning of a packet, and how many bytes there must be before looking at it again is worth while.
        self._partial = bytearray()
        self._wanted = 0

    @property
    def held(self) -> int:
        """How many bytes have not been decoded yet."""
        return len(self._data) - self._at + len(self._partial)

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._partial:
            self._partial += data
            if len(self._partial) >= self._wanted:
                self._data, self._at = bytes(self._partial), 0
                self._partial.clear()
        elif self._at == len(self._data):
            self._data, self._at = data, 0
        else:
            self._data, self._at = self._data[self._at :] + data, 0

    def next(self) -> Packet | None:
        """Return the next packet, or None until more bytes are fed.

        Raises ProtocolViolation, as early as it can be told; the stream is of no use after that.
        """
        data, start = self._data, self._at
        if len(data) - start < 2:
            self._wait(2)
            return None
        length, body = data[start + 1], start + 2
        if length > 0x7F:
            length, body = self._length(body)
            if not body:
                self._wait(len(data) - start + 1)
                return None
        end = body + length
        self._check(data[start], length)
        if end > len(data):
            self._wait(end - start)
            return None
        self._at = end
        packet = decode(data[start], data, body, end, self.version or Version.V311)
        if self.version is None and isinstance(packet, Connect):
            self.version = packet.version
        return packet

    def _length(self, at: int) -> tuple[int, int]:
        """Return a body's length of more than one byte and where the body begins; 0 if that has not come whole."""
        length = self._data[at - 1] & 0x7F
        for shift in (7, 14, 21):
            if at == len(self._data):
                return 0, 0
            byte = self._data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                return length, at
        raise ProtocolViolation("Expected a remaining length of at most four bytes")

    def _check(self, first: int, length: int) -> None:
        if length > self.max_size:
            message = f"Expected a packet of at most {self.max_size} bytes, got {length}"
            raise ProtocolViolation(message, Reason.PACKET_TOO_LARGE)
        if first not in FIRST_BYTES:
            raise ProtocolViolation(f"Expected the type and flags of a packet, got 0x{first:02X}")
        if self.version is None and first >> 4 != PacketType.CONNECT:
            message = f"Expected a CONNECT first, got packet type {first >> 4}"
            raise ProtocolViolation(message, Reason.PROTOCOL_ERROR)

    def _wait(self, wanted: int) -> None:
        if self._at < len(self._data):
            self._partial += self._data[self._at :]
            self._data, self._at = b"", 0
            self._wanted = wanted
