"""The wire's data types: reading them with every bound checked, and writing them."""

from __future__ import annotations

from hearth_mqtt.codec.reasons import ProtocolViolation

MAX_VARINT = 268_435_455
MAX_TEXT = 65_535


class Reader:
    """Reads values one after another out of ``data[start:end]``; raises ProtocolViolation where one is cut short."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._at = start
        self._end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return self._end - self._at

    def take(self, count: int) -> bytes:
        start = self._at
        stop = start + count
        if stop > self._end:
            raise ProtocolViolation(f"Expected {count} more bytes in the packet, got {self._end - start}")
        self._at = stop
        return self._data[start:stop]

    def rest(self) -> bytes:
        return self.take(self.left)

    def byte(self) -> int:
        return self.take(1)[0]

    def two(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def four(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def varint(self) -> int:
        """Return a variable byte integer; the shortest form is the only one allowed."""
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                if not byte and shift:
                    break
                return value
        raise ProtocolViolation("Expected a variable byte integer of at most four bytes in its shortest form")

    def binary(self) -> bytes:
        return self.take(self.two())

    def text(self) -> str:
        return to_text(self.binary())

    def pair(self) -> tuple[str, str]:
        return self.text(), self.text()

    def section(self, length: int) -> Reader:
        """Return a reader of the next ``length`` bytes, and skip them here."""
        start = self._at
        self.take(length)
        return Reader(self._data, start, start + length)

    def finish(self) -> None:
        """Raise ProtocolViolation if anything is left."""
        if self.left:
            raise ProtocolViolation(f"Expected the packet to end, got {self.left} more bytes")


def to_text(raw: bytes) -> str:
    """Return UTF-8 as MQTT allows it: no surrogates, no U+0000."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ProtocolViolation(f"Expected UTF-8 text: {error.reason} at byte {error.start}") from None
    if "\0" in text:
        raise ProtocolViolation("Expected text without U+0000")
    return text


def varint(value: int) -> bytes:
    """Return a variable byte integer; raises ProtocolViolation for more than 268,435,455."""
    if value < 0x80:
        return value.to_bytes(1, "big")
    if value > MAX_VARINT:
        raise ProtocolViolation(f"Expected at most {MAX_VARINT}, got {value}")
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def two(value: int) -> bytes:
    return value.to_bytes(2, "big")


def four(value: int) -> bytes:
    return value.to_bytes(4, "big")


def binary(value: bytes) -> bytes:
    """Return bytes with their length before them; raises ProtocolViolation for more than 65,535."""
    if len(value) > MAX_TEXT:
        raise ProtocolViolation(f"Expected at most {MAX_TEXT} bytes, got {len(value)}")
    return len(value).to_bytes(2, "big") + value


def text(value: str) -> bytes:
    return binary(value.encode())


def pair(value: tuple[str, str]) -> bytes:
    return text(value[0]) + text(value[1])
