"""Who is at work: requests are admitted by their rank as far as there are cells and sequences, and make way for better ones."""

from __future__ import annotations

from collections.abc import Iterator

from hub.core.inference import Priority
from hub.inference.engine.deciding import Decision
from hub.inference.engine.prefixes import Prefixes
from hub.inference.engine.request import Rank, Request
from hub.inference.engine.sequences import Sequence, Sequences
from hub.inference.engine.waiting import Waiting

AHEAD = 256
"""Cells that are reserved beyond what a request has, fewer in a small context: an answer is seldom as long as it may be."""
LEAST_AHEAD = 32
_PARTS = 16
_TRIES = 4
"""Requests without room after which the others are not even tried in a step."""
PATIENCE = 2.0
"""Seconds after which nobody overtakes a request for which there is no room."""
_WORTH_WAITING = 16
"""Tokens: so many more must another request be about to compute for this one to wait for it."""


class Scheduler:
    """``running`` are the requests at work, at most ``most``; ``waiting`` the others."""

    def __init__(self, sequences: Sequences, prefixes: Prefixes, most: int) -> None:
        self.running: list[Request] = []
        self.waiting = Waiting()
        self._sequences = sequences
        self._prefixes = prefixes
        self._most = most

    @property
    def free(self) -> int:
        """Cells that are neither in use nor reserved."""
        reserved = sum(max(0, request.ceiling - _has(request)) for request in self.running)
        return self._sequences.cells.total - self._sequences.cells.used - reserved

    def admit(self, now: float) -> None:
        """Put to work whoever there is room for. A small request may overtake a large one, for a while."""
        refused = 0
        for request in self.waiting:
            if refused == _TRIES or self._hopeless(request):
                return
            if not self._admitted(request, now):
                refused += 1
                if now - request.order.received > PATIENCE:
                    return

    def follow_up(self) -> None:
        """Hand on what leaders have computed for their followers."""
        for request in self.running:
            leader = request.leader
            if leader is not None and leader.sequence is not None and leader.sequence.computed >= request.follows:
                self._take_over(request, leader, request.follows)

    def ranks(self) -> dict[Request, Rank]:
        """Return the ranks of those at work; a leader has that of its best follower."""
        ranks = {request: request.rank for request in self.running}
        for request in self.running:
            leader = request.leader
            while leader is not None:
                ranks[leader] = min(ranks[leader], request.rank)
                leader = leader.leader
        return ranks

    def grow(self, request: Request) -> bool:
        """Reserve more cells for an answer that has used up its own; False if it had to make way itself."""
        wanted = self._ahead(request)
        while (lack := wanted - request.ceiling - self.free) > 0:
            if self._prefixes.idle and self._prefixes.evict():
                continue
            if len(request.tokens) <= wanted - lack:  # enough for now, and what is shared need not go
                wanted -= lack
                break
            if self._prefixes.evict():
                continue
            worst = max(self.running, key=lambda other: other.rank)
            self.preempt(worst)
            if worst is request:
                return False
        request.ceiling = wanted
        return True

    def relieve(self) -> bool:
        """Make room after llama.cpp found none; False if there is nobody left to make way."""
        if self._prefixes.evict():
            return True
        if len(self.running) < 2:
            return False
        self.preempt(max(self.running, key=lambda other: other.rank))
        return True

    def preempt(self, request: Request) -> None:
        """Let a request wait again; what it has written stays, and as long as nobody needs the cells, its state."""
        request.known = request.so_far(len(request.tokens))
        self._stop(request, keep=True)
        request.ceiling = 0
        self.waiting.enter(request)

    def leave(self, request: Request, *, useful: bool = False) -> None:
        """Let go of a request; ``useful`` says that its tokens may be the beginning of others."""
        if request in self.running:
            lasting = request.order.priority >= Priority.CHAT or not request.shared
            self._stop(request, keep=useful and lasting)
        else:
            self.waiting.leave(request)

    def _admitted(self, request: Request, now: float) -> bool:
        source, leader, length = self._beginning(request)
        ceiling = self._ahead(request)
        lesser = [r for r in self.running if r.order.priority > request.order.priority and r is not leader]
        if not self._possible(ceiling - length, lesser) or not self._number(besides=source):
            return False
        sequence = self._sequences.begin(request.known)
        if source is not None and leader is None:  # first, so that what it shares stays when the source has to go
            self._sequences.lend(source, sequence, length)
        if not self._make_room(ceiling - length, isinstance(request, Decision) and request.longest > 0, lesser):
            self._sequences.end(sequence)
            return False
        if source is not None:
            self._prefixes.touch(source)
        self.waiting.leave(request)
        self.running.append(request)
        request.sequence, request.ceiling = sequence, ceiling
        request.leader, request.follows = leader, length if leader else 0
        request.admitted_at(now, length)
        return True

    def _hopeless(self, request: Request) -> bool:
        """Whether neither this request nor one after it can be admitted: all places are taken by others no worse."""
        priority = request.order.priority
        return len(self.running) >= self._most and all(other.order.priority <= priority for other in self.running)

    def _ahead(self, request: Request) -> int:
        """Return how many cells a request gets for now."""
        ahead = min(AHEAD, max(LEAST_AHEAD, self._sequences.cells.total // _PARTS))
        return min(request.needs, len(request.tokens) + ahead)

    def _beginning(self, request: Request) -> tuple[Sequence | None, Request | None, int]:
        """Return what a request can begin with: of which sequence, or of which request that is about to compute it."""
        known, last = request.known, len(request.tokens) - 1  # the logits after the last token are needed
        at_work = [other for other in self.running if other.sequence is not None]
        source, length = self._prefixes.longest(known[:last], (o.sequence for o in at_work if o.sequence))
        leader = max(at_work, key=lambda other: _common(other, request), default=None)
        if leader is not None and not self._sequences.whole:
            promised = min(last, _common(leader, request))
            if promised >= length + _WORTH_WAITING:
                return leader.sequence, leader, promised
        return source, None, length

    def _number(self, besides: Sequence | None) -> bool:
        """Whether there is a free sequence; one that nobody works at makes way."""
        return self._sequences.free > 0 or self._prefixes.evict(besides)

    def _make_room(self, cells: int, branches: bool, lesser: list[Request]) -> bool:
        """Whether there is room, after what is worth less has made way."""
        while (crowded := len(self.running) >= self._most) or cells > self.free or branches > self._sequences.free:
            if not crowded and self._prefixes.evict():
                continue
            if not lesser:
                return False
            worst = max(lesser, key=lambda other: other.rank)
            lesser.remove(worst)
            self.preempt(worst)
        return True

    def _possible(self, cells: int, lesser: list[Request]) -> bool:
        """Whether there would be room without everything that may make way."""
        staying = [request for request in self.running if request not in lesser]
        if len(staying) >= self._most:
            return False
        held = sum(self._sequences.cells.own(request.sequence.tip) for request in staying if request.sequence)
        held += sum(max(0, request.ceiling - _has(request)) for request in staying)
        return held + cells <= self._sequences.cells.total

    def _stop(self, request: Request, *, keep: bool) -> None:
        sequence = request.sequence
        assert sequence is not None
        self.running.remove(request)
        for follower in self._followers(request):
            self._inherit(follower, request)
        request.sequence = request.leader = None
        if keep:
            self._prefixes.keep(sequence, request.so_far(sequence.computed))
        else:
            self._sequences.end(sequence)

    def _followers(self, leader: Request) -> Iterator[Request]:
        return (request for request in self.running if request.leader is leader)

    def _inherit(self, follower: Request, gone: Request) -> None:
        """Go on without a leader, with what it has computed; those who followed it too now follow this one."""
        assert gone.sequence is not None
        self._take_over(follower, gone, min(gone.sequence.computed, follower.follows))
        for other in self._followers(gone):
            common = min(other.follows, _common(follower, other))
            if common >= _WORTH_WAITING + gone.sequence.computed:
                other.leader, other.follows = follower, common

    def _take_over(self, follower: Request, leader: Request, length: int) -> None:
        assert follower.sequence is not None
        assert leader.sequence is not None
        follower.leader, follower.follows = None, 0
        if length := self._sequences.usable(leader.sequence, length):
            self._sequences.lend(leader.sequence, follower.sequence, length)


def _has(request: Request) -> int:
    """Return how many of a request's tokens have cells, or will have those of its leader."""
    return max(request.follows, request.sequence.computed if request.sequence else 0)


def _common(one: Request, other: Request) -> int:
    return one.sequence.common(other.known) if one.sequence else 0
