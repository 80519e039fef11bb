"""Ports: what the lower layers ask of the higher ones. Implemented above, injected in ``hub.app``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hub.core.actions import Action, ActionResult
from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.records import AuditEntry, Run

if TYPE_CHECKING:
    from hub.core.registry.entities import Entity

Migrate = Callable[[dict[str, Any], int], dict[str, Any]]
Unlisten = Callable[[], None]


class Store(Protocol):
    """One versioned document on disk."""

    def load(self, version: int, migrate: Migrate) -> dict[str, Any] | None:
        """Return the document, brought up to ``version`` by ``migrate(data, saved version)``; None if there is none.

        Raises StorageError if it cannot be read or was saved by a newer version.
        """

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        """Write ``data()`` soon, atomically; several calls in a row cost one write.

        Dataclasses in it are read back as mappings.
        """


class Actions(Protocol):
    """Carries out actions: the only way to a device."""

    async def call(self, action: Action, *, context: Context, caller: Caller) -> ActionResult:
        """Check, audit, carry out and audit again.

        Never raises for what a device or the caller's rights do: the result says it.
        Raises UnknownAction or InvalidInput if the action itself is malformed.
        """


class Capabilities(Protocol):
    """Says what a caller may see and do."""

    def sees(self, caller: Caller, entity_id: str) -> bool:
        """Say whether the caller may know of the entity at all."""

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        """Return why the caller may not do ``action`` on the entity (None: on the hub itself), or None if they may."""


class Audit(Protocol):
    """The log of acts: the intent is written before the act and survives a kill."""

    def intent(self, entry: AuditEntry) -> int:
        """Write what is about to happen, unbuffered; return its number.

        Raises StorageError if it cannot be written: then the act must not happen.
        """

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        """Write how the act of that number ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A user who has proved who they are. ``role`` is owner, admin, user, guest or service."""

    user_id: str
    name: str
    role: str
    token_id: str | None = None


class Authenticator(Protocol):
    """Checks credentials."""

    async def authenticate(self, name: str, secret: str, integration: str) -> Principal | None:
        """Return who has this name and secret (a long-lived token, whatever the name), or None.

        Raises Refused for somebody who may not connect by the protocol of ``integration``.
        """

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        """Call ``callback`` when the session (``Principal.token_id``) is revoked or expires: what it holds open must end."""


ProtocolFactory = Callable[[], asyncio.Protocol]


class Listeners(Protocol):
    """The shared port."""

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        """Hand connections that speak ``protocol`` (``mqtt``) to ``factory()`` until the returned function is called.

        Raises InvalidInput for a protocol that cannot be told apart or that somebody serves already.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """A state as recorded; ``time`` is when it became so, ``changed`` when its text last changed."""

    state: str
    time: float
    changed: float
    attributes: Mapping[str, Any] | None = None


class History(Protocol):
    """Recorded states."""

    async def states(
        self,
        entity_ids: Sequence[str],
        start: float,
        end: float,
        *,
        attributes: bool = True,
        significant_only: bool = True,
    ) -> Mapping[str, list[HistoryPoint]]:
        """Return each entity's states from ``start`` to ``end`` (UTC epoch seconds), the one in force at ``start`` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened: an entity's new state, or an event with its ``data``."""

    time: float
    entity_id: str | None = None
    state: str | None = None
    event_type: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    context_id: str | None = None
    parent_id: str | None = None
    user_id: str | None = None


class Happenings(Protocol):
    """What happened, as recorded: the logbook's source."""

    async def between(
        self, start: float, end: float, *, entity_ids: Sequence[str] | None, event_types: Sequence[str], limit: int
    ) -> list[Happening]:
        """Return the new states of these entities (None: all) and the events of these types, oldest first.

        If there are more than ``limit``, the newest.
        """


class Runs(Protocol):
    """Recorded runs."""

    def add(self, run: Run) -> None:
        """Keep a finished run."""

    async def recent(self, automation_id: str | None = None, limit: int = 100) -> list[Run]:
        """Return the newest runs first."""

    async def get(self, run_id: str) -> Run | None:
        """Return one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a conversation; ``role`` is user, assistant or tool."""

    role: str
    text: str
    time: float
    data: Mapping[str, Any] = field(default_factory=dict)


class ConversationStore(Protocol):
    """Keeps the turns of conversations."""

    async def append(self, conversation_id: str, turns: Sequence[Turn]) -> None:
        """Add turns; all of them or none."""

    async def history(self, conversation_id: str, limit: int = 50) -> list[Turn]:
        """Return the last turns, oldest first."""

    async def delete(self, conversation_id: str) -> bool:
        """Forget a conversation; say whether there was one."""

    def export(self, conversation_id: str) -> AsyncIterator[Turn]:
        """Yield every turn, oldest first."""
