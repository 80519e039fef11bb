"""The entrance: who is let in through a chat channel, by whom, and as whom. Every decision is audited."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from hub.agent.channels.inbound import Inbound, Origin
from hub.agent.channels.pairing import Pairing, Pairings
from hub.agent.channels.senders import PairedSender, Senders
from hub.core.bus import EventBus
from hub.core.callers import SYSTEM, Caller, Capability
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.errors import InvalidInput, Refused, StorageError
from hub.security import Role, User, Users
from hub.security.limits import AttemptLimit

CHANGED = "hearth_channel_changed"
"""The event: who waits to be let in, or who is in, has changed."""
REFUSALS_NOTED = 60
"""Refusals of an hour that are audited; each sender's once in ten minutes."""
_MOST_NAME = 100
_ASKING = (Capability(action=""),)
"""What a guest of a channel is granted: they may ask about everything, and change nothing."""
_log = logging.getLogger(__name__)


class Entrance:
    """Knows who is in, lets strangers knock, and is opened by those who run the house."""

    def __init__(
        self, senders: Senders, pairings: Pairings, users: Users, audit: Audit, bus: EventBus, clock: Clock
    ) -> None:
        self.senders = senders
        self.pairings = pairings
        self._users = users
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._noted_of_sender = AttemptLimit(clock, most=1, window=600.0)
        self._noted = AttemptLimit(clock, most=REFUSALS_NOTED, window=3600.0)

    def recognise(self, origin: Origin) -> PairedSender | None:
        """Return who this is, or None for a stranger; whoever spoke for a user that is gone is a stranger again."""
        sender = self.senders.find(origin)
        if sender is None or self._users.get(sender.user_id) is not None:
            return sender
        try:
            self.remove(sender.sender_id, SYSTEM)
        except StorageError as error:
            _log.error("%s speaks for a user that is gone, and is let in no more: %s", origin, error)
        return None

    def user_of(self, sender: PairedSender) -> User | None:
        """Return the user that a sender speaks for at this moment, or None where they may not speak."""
        user = self._users.get(sender.user_id) if self.senders.find(sender.origin) == sender else None
        return user if user is not None and user.active else None

    def knock(self, inbound: Inbound, language: str) -> Pairing | None:
        """Give a stranger a code; None where they get no answer."""
        pairing = self.pairings.request(inbound.origin, inbound.chat, language)
        if pairing is None:
            self.refuse(inbound.origin, "a stranger")
            return None
        try:
            self._audit.intent(_entry(inbound.origin, None, {}, "requested"))
        except StorageError as error:
            _log.error("%s gets no code: %s", inbound.origin, error)
            self.pairings.end(pairing)
            return None
        self._publish()
        return pairing

    def withdraw(self, pairing: Pairing) -> None:
        """Forget a code that its stranger never got to see."""
        self.pairings.end(pairing)
        self._publish()

    def refuse(self, origin: Origin, reason: str) -> None:
        """Note that somebody was not listened to; what comes too often is not noted again."""
        if self._noted_of_sender.wait(str(origin)) > 0 or self._noted.wait("") > 0:
            return
        self._noted_of_sender.take(str(origin))
        self._noted.take("")
        try:
            self._audit.intent(_entry(origin, None, {"reason": reason}, "refused", kind="message"))
        except StorageError as error:
            _log.error("That %s was refused is not in the audit log: %s", origin, error)

    async def confirm(self, code: str, *, user_id: str | None, by: Caller) -> PairedSender:
        """Let in whoever was given the code, to speak for a user; without one, for a guest of their own.

        Raises NotFound for a code that is not out or a user who is not there, InvalidInput for a user who may not log in,
        Refused where somebody else would lend the owner's rights.
        """
        origin = self.pairings.of_code(code).origin
        user = await self._guest(origin) if user_id is None else self._lent(user_id, by)
        pairing = self.pairings.of_code(code)  # somebody may have been quicker
        number = self._audit.intent(_entry(origin, by, {"user": user.user_id, "role": str(user.role)}))
        sender = self.senders.add(
            origin, pairing.chat, user_id=user.user_id, now=self._clock.time(), by=by.user_id or str(by)
        )
        self.pairings.end(pairing)
        self._audit.outcome(number, "accepted")
        self._publish()
        return sender

    def reject(self, pairing_id: str, by: Caller) -> None:
        """Leave a stranger outside.

        Raises NotFound.
        """
        pairing = self.pairings.get(pairing_id)
        self._audit.intent(_entry(pairing.origin, by, {}, "rejected"))
        self.pairings.reject(pairing)
        self._publish()

    def remove(self, sender_id: str, by: Caller) -> None:
        """Let somebody in no more, from this moment on.

        Raises NotFound.
        """
        sender = self.senders.get(sender_id)
        self._audit.intent(_entry(sender.origin, by, {"user": sender.user_id}, "removed"))
        self.senders.remove(sender_id)
        self._publish()

    def forget(self, entry_id: str) -> None:
        """Let in nobody any more through a channel that is no longer configured."""
        for pairing in self.pairings:
            if pairing.origin.entry_id == entry_id:
                self.pairings.end(pairing)
        for sender in self.senders:
            if sender.entry_id == entry_id:
                self.remove(sender.sender_id, SYSTEM)

    def named(self, sender: PairedSender) -> Mapping[str, Any]:
        """Return the name and role of the user that a sender speaks for, for people to read."""
        user = self._users.get(sender.user_id)
        return {"user_name": user.name if user else None, "role": str(user.role) if user else None}

    def _lent(self, user_id: str, by: Caller) -> User:
        user, owner = self._users.require(user_id), self._users.owner()
        if not user.active:
            raise InvalidInput(f"Expected a user who may log in, got {user.name}", path=("user_id",))
        if owner is not None and user.user_id == owner.user_id and by not in (SYSTEM, Caller.user(owner.user_id)):
            raise Refused("Expected a user other than the owner: nobody else can lend the owner's rights")
        return user

    async def _guest(self, origin: Origin) -> User:
        """Return the guest that this address was before, or a new one; nobody can log in as them."""
        mark = hashlib.blake2b(f"{origin.entry_id} {origin}".encode(), digest_size=6).hexdigest()
        username = f"{origin.integration}-{mark}"
        known = self._users.named(username)
        if known is not None and known.active and known.role is Role.GUEST:
            return known
        return await self._users.add(
            name=origin.address[:_MOST_NAME], username=username, password=None, role=Role.GUEST, capabilities=_ASKING
        )

    def _publish(self) -> None:
        self._bus.publish(Event(CHANGED, {}, Context("channels"), self._clock.time()))


def _entry(
    origin: Origin, by: Caller | None, detail: Mapping[str, Any], outcome: str | None = None, kind: str = "pairing"
) -> AuditEntry:
    return AuditEntry(
        kind=kind,
        subject=str(origin),
        caller=f"channel:{origin.integration}" if by is None else str(by),
        user_id=None if by is None else by.user_id,
        detail={"entry": origin.entry_id, **detail},
        outcome=outcome,
    )
