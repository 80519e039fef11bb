"""What every request to the model passes: is it this model, is there room, is the client still there; and the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.core.inference import InferenceBackend, Usage
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.errors import HubError, ModelUnavailable, NotFound, QueueFull
from hub.server.middleware import PRINCIPAL
from hub.server.rest.openai.presence import while_there
from hub.server.sockets import OnRevoked

MOST_AT_ONCE = 32
"""Answers under way for everybody: half of the engine's queue is left to the house itself."""
ALIASES = frozenset({"", "default", "hearth"})
"""What stands for the model that there is."""


@dataclass(slots=True)
class Visit:
    """A request that the model works on. Who answers it fills in ``usages``, and ``failure`` if the client was told of one."""

    id: str
    model: str
    created: int
    failure: str | None = None
    usages: list[Usage] = field(default_factory=list)

    @property
    def took(self) -> dict[str, Any]:
        """Return how many tokens it took, for the audit."""
        prompt = max((usage.prompt_tokens for usage in self.usages), default=0)
        return {"prompt_tokens": prompt, "output_tokens": sum(usage.output_tokens for usage in self.usages)}


class Desk:
    """Where requests to the model come in."""

    def __init__(self, backend: InferenceBackend, audit: Audit, clock: Clock, on_revoked: OnRevoked) -> None:
        self.backend = backend
        self._audit = audit
        self._clock = clock
        self._on_revoked = on_revoked
        self._under_way = 0

    def models(self) -> Iterable[str]:
        """Return the names of the models that there are."""
        return [] if self.backend.model is None else [self.backend.model]

    def model(self, name: str) -> str:
        """Return the name of the model that is meant.

        Raises NotFound, or ModelUnavailable while there is none.
        """
        found = self.backend.model
        if found is None:
            reason = self.backend.status().get("reason") or "none is installed"
            raise ModelUnavailable(f"There is no model: {reason}")
        if name not in ALIASES and name != found:
            raise NotFound(f"The model {name[:100]!r} does not exist here: expected {found!r}, or 'default'")
        return found

    def time(self) -> int:
        """Return the time in seconds, as OpenAI says it."""
        return int(self._clock.time())

    @asynccontextmanager
    async def visit(self, request: web.Request, model: str, what: str, answers: int) -> AsyncIterator[Visit]:
        """Let a request use the model in the block, for so many ``answers``; ``what`` names it in the audit.

        Raises QueueFull, or Gone when the client is there no more.
        """
        principal = request[PRINCIPAL]
        visit = Visit(id=new_id(), model=model, created=self.time())
        with self._room(answers), self._noted(visit, Caller.user(principal.user_id), what):
            async with while_there(request, lambda end: self._on_revoked(principal.token_id or "", end)):
                yield visit

    @contextmanager
    def _room(self, answers: int) -> Iterator[None]:
        if self._under_way and self._under_way + answers > MOST_AT_ONCE:
            raise QueueFull(f"Expected at most {MOST_AT_ONCE} answers under way, there would be more: try again later")
        self._under_way += answers
        try:
            yield
        finally:
            self._under_way -= answers

    @contextmanager
    def _noted(self, visit: Visit, caller: Caller, what: str) -> Iterator[None]:
        """Write who asks before the block and what it took after it, never what was said."""
        entry = AuditEntry(
            kind="model", subject=what, caller=str(caller), user_id=caller.user_id, detail={"model": visit.model}
        )
        number, begun = self._audit.intent(entry), self._clock.monotonic()
        try:
            yield
        except BaseException as error:
            visit.failure = error.key if isinstance(error, HubError) else type(error).__name__
            raise
        finally:
            seconds = round(self._clock.monotonic() - begun, 3)
            why = {} if visit.failure is None else {"reason": visit.failure}
            self._audit.outcome(number, "failed" if why else "accepted", {**visit.took, "seconds": seconds, **why})
