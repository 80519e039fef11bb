"""Pictures that come as messages."""

from __future__ import annotations

import binascii
import logging
from base64 import b64decode

from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Decode
from hearth_mqtt.pictures import MAX_SIZE, make_picture

_log = logging.getLogger(__name__)


def picture_decoder(*, base64: bool, content_type: str | None = None) -> Decode:
    """Return what takes a message as a picture: the facts ``picture`` and ``time``. An empty one takes the picture away."""

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        content = _decoded(incoming.payload) if base64 else incoming.payload
        if content is None or len(content) > MAX_SIZE:
            _log.warning("Expected a picture of at most %d bytes on %s", MAX_SIZE, incoming.topic)
            return None
        return {"picture": make_picture(content, content_type) if content else None, "time": incoming.time}

    return decode


def _decoded(payload: bytes) -> bytes | None:
    try:
        return b64decode(payload.translate(None, b" \t\r\n"), validate=True)
    except binascii.Error:
        return None
