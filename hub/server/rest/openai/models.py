"""``/v1/models``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from hub.server.needs import Needs
from hub.server.rest.openai.described import MODEL, MODELS, answering
from hub.server.rest.openai.desk import Desk
from hub.server.route import Route
from hub.server.web import json


class ModelRoutes:
    """The model that there is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since = desk.time()

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        one = answering(MODEL)
        return (
            Route(method="GET", path="/v1/models", handler=self._list, needs=Needs.MODEL,
                  summary="List the models, as OpenAI's API does.", answers=answering(MODELS)),
            Route(method="GET", path="/v1/models/{id}", handler=self._show, needs=Needs.MODEL,
                  summary="Return a model, as OpenAI's API does.", answers=one),
        )  # fmt: skip

    async def _list(self, request: web.Request) -> web.StreamResponse:
        return json({"object": "list", "data": [self._row(model) for model in self._desk.models()]})

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return json(self._row(self._desk.model(request.match_info["id"])))

    def _row(self, model: str) -> dict[str, Any]:
        context = self._desk.backend.capabilities.context
        known = {} if context is None else {"max_model_len": context}
        return {"id": model, "object": "model", "created": self._since, "owned_by": "hearth", **known}
