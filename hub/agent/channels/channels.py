"""The hub's side of every chat channel: strangers are asked to pair, and whoever is in is answered as their user."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from hub.adapters.interfaces import ConfigEntry, Message
from hub.agent.channels.entrance import Entrance
from hub.agent.channels.inbound import Inbound
from hub.agent.channels.outbox import Outbox
from hub.agent.channels.pairing import LIFESPAN, Pairing
from hub.agent.channels.queues import ChatQueues, Job
from hub.agent.channels.senders import PairedSender
from hub.agent.phrases import Phrases, language_of
from hub.core.bus import EventBus
from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.errors import StorageError
from hub.security import User
from hub.security.limits import AttemptLimit

MESSAGE = "hearth_message"
"""The event: somebody who is paired has written. Automations may listen for it."""
MOST_CHARACTERS = 2000
MOST_PER_MINUTE = 30
TOO_OLD = 120.0
"""Seconds after which a message is not acted on: what waited while the hub was away may be wanted no more."""
ANSWER_TIMEOUT = 90.0
_log = logging.getLogger(__name__)


class Conversing(Protocol):
    """Answers a turn of a conversation: ``Conversation``."""

    async def process(
        self, text: str, *, user: Caller, context: Context, conversation_id: str | None = None
    ) -> dict[str, Any]:
        """Carry out a turn and return Home Assistant's ``conversation/process`` answer."""


class Channels:
    """Takes the messages of all channels. What a sender may do is what their user may do, whatever the text says."""

    def __init__(
        self,
        conversation: Conversing,
        entrance: Entrance,
        outbox: Outbox,
        audit: Audit,
        bus: EventBus,
        clock: Clock,
        *,
        language: str = "en",
    ) -> None:
        self.entrance = entrance
        self.queues = ChatQueues()
        self._conversation = conversation
        self._outbox = outbox
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._language = language
        self._pace = AttemptLimit(clock, most=MOST_PER_MINUTE, window=60.0)

    async def run(self) -> None:
        """Answer what is received, until cancelled."""
        await self.queues.run()

    def receive(self, entry: ConfigEntry, message: Message) -> None:
        """Take a message that an adapter handed over. Never waits, never raises for what it says."""
        inbound = Inbound.read(entry, message)
        if inbound is None:
            return
        sender = self.entrance.recognise(inbound.origin)
        if sender is None:
            self._greet(inbound)
        elif (user := self.entrance.user_of(sender)) is None:
            self.entrance.refuse(inbound.origin, "their user may not log in")
        elif inbound.contact_request:
            self._put(inbound, partial(self._outbox.send, inbound.chat, "", paired=True))
        else:
            self._hear(inbound, sender, user)

    async def confirm(self, code: str, *, user_id: str | None, by: Caller) -> PairedSender:
        """Let in whoever was given the code, and tell them so; see ``Entrance.confirm``."""
        language = self.entrance.pairings.of_code(code).language
        sender = await self.entrance.confirm(code, user_id=user_id, by=by)
        name = self.entrance.named(sender)["user_name"]
        text = Phrases(language).say("channel.paired", name=name)
        self.queues.put(sender.chat, partial(self._outbox.send, sender.chat, text, paired=True))
        return sender

    def _greet(self, inbound: Inbound) -> None:
        """Answer a stranger, once in a while and never before others: nothing they wrote goes any further."""
        if inbound.group:
            if inbound.addressed:
                self.entrance.refuse(inbound.origin, "a stranger in a group")
            return
        pairing = self.entrance.knock(inbound, language_of(inbound.text, self._language))
        if pairing is not None and not self._put(inbound, partial(self._show_code, pairing)):
            self.entrance.withdraw(pairing)

    async def _show_code(self, pairing: Pairing) -> None:
        text = Phrases(pairing.language).say("channel.code", code=pairing.code, minutes=f"{LIFESPAN / 60:g}")
        if not await self._outbox.send(pairing.chat, text, paired=False):
            self.entrance.withdraw(pairing)

    def _hear(self, inbound: Inbound, sender: PairedSender, user: User) -> None:
        if self._pace.wait(sender.sender_id) > 0:
            self.entrance.refuse(inbound.origin, f"more than {MOST_PER_MINUTE} messages a minute")
            return
        self._pace.take(sender.sender_id)
        if (objection := self._objection(inbound)) is not None:
            self._object(inbound, user, objection)
            return
        context = Context(f"channel:{inbound.origin.integration}", user_id=user.user_id)
        number = self._note(inbound, user, context)
        if number is None:
            return
        self._publish(inbound, user, context)
        if not inbound.addressed:
            self._audit.outcome(number, "noted")
        elif not self._put(inbound, partial(self._answer, inbound, sender, context, number)):
            self._audit.outcome(number, "dropped")

    def _objection(self, inbound: Inbound) -> str | None:
        if len(inbound.text) > MOST_CHARACTERS:
            return "channel.too_long"
        late = inbound.sent is not None and self._clock.time() - inbound.sent > TOO_OLD
        return "channel.too_late" if late else None

    def _object(self, inbound: Inbound, user: User, objection: str) -> None:
        self.entrance.refuse(inbound.origin, objection)
        if inbound.addressed:
            text = Phrases(language_of(inbound.text, user.language)).say(objection, most=MOST_CHARACTERS)
            self._put(inbound, partial(self._outbox.send, inbound.chat, text, paired=True))

    def _note(self, inbound: Inbound, user: User, context: Context) -> int | None:
        """Write to the audit log who wrote, and how much; None where it cannot be written, so that nothing may follow."""
        entry = AuditEntry(
            kind="message",
            subject=str(inbound.origin),
            caller=str(Caller.user(user.user_id)),
            user_id=user.user_id,
            context_id=context.id,
            detail={"entry": inbound.origin.entry_id, "characters": len(inbound.text), "group": inbound.group},
        )
        try:
            return self._audit.intent(entry)
        except StorageError as error:
            _log.error("A message from %s is not dealt with: %s", inbound.origin, error)
            return None

    def _publish(self, inbound: Inbound, user: User, context: Context) -> None:
        data: Mapping[str, Any] = {
            "integration": inbound.origin.integration,
            "entry_id": inbound.origin.entry_id,
            "conversation": inbound.chat.conversation,
            "sender": inbound.origin.address,
            "user_id": user.user_id,
            "text": inbound.text,
            "group": inbound.group,
            "addressed": inbound.addressed,
        }
        self._bus.publish(Event(MESSAGE, data, context, self._clock.time()))

    def _put(self, inbound: Inbound, job: Job) -> bool:
        taken = self.queues.put(inbound.chat, job)
        if not taken:
            _log.debug("Too many messages wait at %s: one from %s is dropped", inbound.chat.entry_id, inbound.origin)
        return taken

    async def _answer(self, inbound: Inbound, sender: PairedSender, context: Context, number: int) -> None:
        """Answer a message, unless its sender was shut out while it waited or while it was thought about."""
        outcome = "failed"
        try:
            user = self.entrance.user_of(sender)
            text = None if user is None else await self._reply(inbound, sender, user, context)
            if text is None or self.entrance.user_of(sender) is None:
                outcome = "refused"
            elif await self._outbox.send(inbound.chat, text, paired=True):
                outcome = "answered"
        finally:
            self._audit.outcome(number, outcome)

    async def _reply(self, inbound: Inbound, sender: PairedSender, user: User, context: Context) -> str:
        caller = Caller.user(user.user_id)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                answer = await self._conversation.process(
                    inbound.text, user=caller, context=context, conversation_id=_conversation_id(inbound, sender)
                )
        except TimeoutError:
            return Phrases(language_of(inbound.text, user.language)).say("channel.timeout")
        return str(answer["response"]["speech"]["plain"]["speech"])


def _conversation_id(inbound: Inbound, sender: PairedSender) -> str:
    """Return one id for what a sender says in a chat, the same over restarts; what is asked back is asked of them alone."""
    said = f"{inbound.chat.entry_id}\0{inbound.chat.conversation}\0{sender.sender_id}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
