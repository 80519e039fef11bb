"""The last known value of an entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from hub.core.context import Context

UNKNOWN = "unknown"
UNAVAILABLE = "unavailable"
MAX_STATE_LENGTH = 255


class State:
    """The last known value of an entity.

    ``state`` is text of at most 255 characters; ``attributes`` must not be changed after it is given. Times are UTC epoch
    seconds with Home Assistant's meaning: ``last_changed`` when ``state`` changed, ``last_updated`` when it or an
    attribute changed, ``last_reported`` when the device last said anything. A plain slots class, immutable by convention
    but for ``last_reported``, which moves when the same state is reported again.
    """

    __slots__ = (
        "_json",
        "attributes",
        "context",
        "entity_id",
        "last_changed",
        "last_reported",
        "last_updated",
        "state",
    )

    def __init__(
        self,
        entity_id: str,
        state: str,
        attributes: Mapping[str, Any],
        last_changed: float,
        last_updated: float,
        context: Context,
    ) -> None:
        self.entity_id = entity_id
        self.state = state
        self.attributes = attributes
        self.last_changed = last_changed
        self.last_updated = last_updated
        self.last_reported = last_updated
        self.context = context
        self._json: bytes | None = None

    @property
    def domain(self) -> str:
        """The part of the entity id before the dot."""
        return self.entity_id.partition(".")[0]

    @property
    def object_id(self) -> str:
        """The part of the entity id after the dot."""
        return self.entity_id.partition(".")[2]

    @property
    def name(self) -> str:
        """The friendly name, or the object id in words."""
        return str(self.attributes.get("friendly_name") or self.object_id.replace("_", " "))

    @property
    def available(self) -> bool:
        """False while the device cannot be reached."""
        return self.state != UNAVAILABLE

    def as_dict(self) -> dict[str, Any]:
        """Return it as Home Assistant's API shows it."""
        return {
            "entity_id": self.entity_id,
            "state": self.state,
            "attributes": self.attributes,
            "last_changed": _iso(self.last_changed),
            "last_reported": _iso(self.last_reported),
            "last_updated": _iso(self.last_updated),
            "context": self.context.as_dict(),
        }

    def json(self) -> bytes:
        """Return ``as_dict`` as JSON, encoded once and shared by every reader."""
        if self._json is None:
            self._json = orjson.dumps(self.as_dict(), default=str, option=orjson.OPT_NON_STR_KEYS)
        return self._json

    def reported(self, time: float) -> None:
        """Note that the device said the same again at ``time``."""
        self.last_reported = time
        self._json = None

    def __repr__(self) -> str:
        return f"<State {self.entity_id}={self.state} {dict(self.attributes)}>"


class StateMapping(Mapping[str, Any]):
    """A state's ``as_dict``, worked out when somebody looks into it."""

    __slots__ = ("_dict", "_state")

    def __init__(self, state: State) -> None:
        self._state = state
        self._dict: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the whole."""
        if self._dict is None:
            self._dict = self._state.as_dict()
        return self._dict

    def __getitem__(self, key: str) -> Any:
        return self.as_dict()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="microseconds")
