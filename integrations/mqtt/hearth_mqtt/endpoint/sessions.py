"""Every client's session: opened, resumed, and ended when its time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hearth_mqtt.codec import ProtocolViolation, Reason
from hearth_mqtt.endpoint.deliveries import Deliveries
from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.memory import Memory
from hearth_mqtt.endpoint.router import Router
from hearth_mqtt.endpoint.session import Session, Subscribed
from hub import Clock


class Sessions:
    """Holds the sessions by client id; ``changed`` is called when something that is kept over a restart changes."""

    def __init__(
        self, router: Router, limits: Limits, counters: Counters, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._router = router
        self._limits = limits
        self._counters = counters
        self._memory = Memory(limits.held)
        self._clock = clock
        self._changed = changed
        self._sessions: dict[str, Session] = {}
        self._expiring: dict[Session, Callable[[], None]] = {}

    def open(self, client_id: str, user: str, *, clean: bool, expiry: float) -> tuple[Session, bool]:
        """Return the client's session, and whether it had one before that goes on.

        Raises ProtocolViolation if there are too many sessions.
        """
        session = self._sessions.get(client_id)
        if session is not None and clean:
            self.end(session)
            session = None
        is_present = session is not None
        if session is None:
            session = self._create(client_id, user)
        self._stay(session)
        session.expiry = expiry
        session.ends = None
        self._changed()
        return session, is_present

    def check_owner(self, client_id: str, user: str) -> None:
        """Raise ProtocolViolation if the client id's session is another user's."""
        session = self._sessions.get(client_id)
        if session is not None and session.user != user:
            raise ProtocolViolation(f"The client id {client_id} is in use by another user", Reason.CLIENT_ID_NOT_VALID)

    def suspend(self, session: Session) -> None:
        """The session's connection is gone: end it now, or when it has expired."""
        session.deliveries.detach()
        if session.expiry <= 0:
            self.end(session)
        else:
            self._end_later(session, session.expiry)
        self._changed()

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._stay(session)
        for topic_filter in session.subscriptions:
            self._router.unsubscribe(topic_filter, session)
        session.subscriptions.clear()
        session.deliveries.clear()
        self._sessions.pop(session.client_id, None)
        self._changed()

    def subscribe(self, session: Session, subscribed: Subscribed) -> bool:
        """Add or replace a subscription; say whether it is new."""
        topic_filter = subscribed.subscription.topic_filter
        session.subscriptions[topic_filter] = subscribed
        self._changed()
        return self._router.subscribe(topic_filter, session, subscribed.granted)

    def unsubscribe(self, session: Session, topic_filter: str) -> bool:
        """Take back a subscription; say whether there was one."""
        session.subscriptions.pop(topic_filter, None)
        self._changed()
        return self._router.unsubscribe(topic_filter, session)

    def restore(self, session: Session, subscriptions: list[Subscribed], seconds: float) -> None:
        """Take back a session from before a restart; it ends in ``seconds`` unless its client comes."""
        self._sessions[session.client_id] = session
        for subscribed in subscriptions:
            self.subscribe(session, subscribed)
        self._end_later(session, seconds)

    def new(self, client_id: str, user: str) -> Session:
        """Return a session that is nowhere yet."""
        deliveries = Deliveries(client_id, self._limits, self._counters, self._memory, self._clock.time)
        return Session(client_id, user, deliveries, self._changed)

    def close(self) -> None:
        """Stop waiting for anything."""
        for session in list(self._expiring):
            self._stay(session)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def _create(self, client_id: str, user: str) -> Session:
        if len(self._sessions) >= self._limits.sessions:
            raise ProtocolViolation(f"There are {len(self._sessions)} sessions already", Reason.QUOTA_EXCEEDED)
        session = self._sessions[client_id] = self.new(client_id, user)
        return session

    def _stay(self, session: Session) -> None:
        cancel = self._expiring.pop(session, None)
        if cancel is not None:
            cancel()

    def _end_later(self, session: Session, seconds: float) -> None:
        self._stay(session)
        session.ends = self._clock.time() + seconds
        self._expiring[session] = self._clock.call_later(seconds, lambda: self.end(session))
