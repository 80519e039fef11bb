"""All routes below ``/v1``."""

from __future__ import annotations

from collections.abc import Iterable

from hub.core.clock import Clock
from hub.core.inference import InferenceBackend
from hub.core.ports import Audit
from hub.server.rest.openai.chat import ChatRoutes
from hub.server.rest.openai.completions import CompletionRoutes
from hub.server.rest.openai.desk import Desk
from hub.server.rest.openai.embeddings import EmbeddingRoutes
from hub.server.rest.openai.models import ModelRoutes
from hub.server.route import Route
from hub.server.sockets import OnRevoked


class OpenAIRoutes:
    """The model behind the API that OpenAI's clients speak; whoever uses it needs the capability ``model.use``."""

    def __init__(self, backend: InferenceBackend, audit: Audit, clock: Clock, on_revoked: OnRevoked) -> None:
        self._desk = Desk(backend, audit, clock, on_revoked)

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        groups = (ModelRoutes, ChatRoutes, CompletionRoutes, EmbeddingRoutes)
        return [route for group in groups for route in group(self._desk).routes()]
