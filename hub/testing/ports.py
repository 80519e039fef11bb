"""The hub's ports as a test sees and sets them: the audit log, the rights of callers, the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from hub.core.bus import Unlisten
from hub.core.callers import Caller
from hub.core.ports import Migrate, Principal, ProtocolFactory
from hub.core.records import AuditEntry
from hub.core.registry import Entity
from hub.errors import InvalidInput, StorageError


class MemoryStore:
    """A document in memory; written out when it is read, as a store on disk writes many changes at once."""

    def __init__(self) -> None:
        self._saved: tuple[int, Callable[[], dict[str, Any]]] | None = None

    def load(self, version: int, migrate: Migrate) -> dict[str, Any] | None:
        if self._saved is None:
            return None
        old, made = self._saved
        data = orjson.loads(orjson.dumps(made(), option=orjson.OPT_NON_STR_KEYS))
        return data if old == version else migrate(data, old)

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        self._saved = (version, data)


class Journal:
    """An audit log in memory: (intent, outcome or None). ``full`` makes it refuse as a full disk does."""

    def __init__(self) -> None:
        self.rows: list[tuple[AuditEntry, str | None]] = []
        self.full = False

    def intent(self, entry: AuditEntry) -> int:
        if self.full:
            raise StorageError("The disk is full")
        self.rows.append((entry, None))
        return len(self.rows) - 1

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        self.rows[number] = (self.rows[number][0], outcome)


class Gate:
    """Capabilities that refuse what ``refused`` names, by action or entity id."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def sees(self, caller: Caller, entity_id: str) -> bool:
        return True

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        names = {action, entity.entity_id if entity else ""}
        return f"{caller.id} may not do that" if names & self.refused else None


class Doors:
    """Who may come in: ``secrets`` by name, ``served`` protocols, and sessions that ``revoke`` ends."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.served: dict[str, ProtocolFactory] = {}
        self._sessions: dict[str, list[Callable[[], None]]] = {}

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        if protocol in self.served:
            raise InvalidInput(f"Expected a protocol that nobody serves yet, got {protocol}")
        self.served[protocol] = factory
        return lambda: self.served.pop(protocol, None) and None

    async def authenticate(self, name: str, secret: str, integration: str) -> Principal | None:
        known = self.secrets.get(name) == secret
        return Principal(user_id=name, name=name, role="service", token_id=name) if known else None

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        callbacks = self._sessions.setdefault(session_id, [])
        callbacks.append(callback)
        return lambda: callbacks.remove(callback) if callback in callbacks else None

    def revoke(self, session_id: str) -> None:
        """End what a session holds open."""
        for callback in self._sessions.pop(session_id, []):
            callback()
