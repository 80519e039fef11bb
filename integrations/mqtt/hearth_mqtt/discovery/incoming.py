"""A message on its way to the entities that listen to its topic: decoded and parsed once for all of them."""

from __future__ import annotations

import logging
from typing import Any, Final

import orjson

from hearth_mqtt.bus import Received

_log = logging.getLogger(__name__)


class NoJson:
    """The type of NO_JSON: the payload is no JSON."""


NO_JSON: Final = NoJson()
_UNREAD: Final = NoJson()


class Incoming:
    """A message, and what it says. ``time`` is when it came, in UTC epoch seconds. Made once per message: slots."""

    __slots__ = ("_json", "_text", "payload", "retain", "time", "topic")

    def __init__(self, received: Received, time: float) -> None:
        self.topic = received.topic
        self.payload = received.payload
        self.retain = received.retain
        self.time = time
        self._text: str | None = None
        self._json: Any = _UNREAD

    def text(self, encoding: str = "utf-8") -> str | None:
        """Return the payload as text, or None (with a line in the log) if it is not in this encoding."""
        if self._text is not None and encoding == "utf-8":
            return self._text
        try:
            text = self.payload.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            _log.warning("Cannot read a message on %s as %s: %s", self.topic, encoding, error)
            return None
        if encoding == "utf-8":
            self._text = text
        return text

    @property
    def json(self) -> Any:
        """The payload as JSON, or NO_JSON."""
        if self._json is _UNREAD:
            try:
                self._json = orjson.loads(self.payload)
            except orjson.JSONDecodeError:
                self._json = NO_JSON
        return self._json
