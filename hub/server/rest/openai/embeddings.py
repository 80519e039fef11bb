"""``/v1/embeddings``."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from hub.core.inference import Embeddings
from hub.errors import InvalidInput
from hub.server.needs import Needs
from hub.server.rest.openai.asking import read_embeddings
from hub.server.rest.openai.described import EMBEDDING, EMBEDDING_ANSWER, answering
from hub.server.rest.openai.desk import Desk
from hub.server.route import Route
from hub.server.web import body, json


class EmbeddingRoutes:
    """Places texts in the model's space of meanings."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        return (
            Route(method="POST", path="/v1/embeddings", handler=self._answer, needs=Needs.MODEL, body=EMBEDDING,
                  summary="Return the vectors of texts, as OpenAI's API does.", answers=answering(EMBEDDING_ANSWER)),
        )  # fmt: skip

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = read_embeddings(await body(request), self._desk.backend.capabilities)
        model = self._desk.model(asked.model)
        async with self._desk.visit(request, model, "embedding", 1) as visit:
            found = await self._desk.backend.embed(asked.request)
            visit.usages.append(found.usage)
            _check(found, asked.dimensions)
        tokens = found.usage.prompt_tokens
        return json(
            {
                "object": "list",
                "data": [_row(at, vector, packed=asked.packed) for at, vector in enumerate(found.vectors)],
                "model": model,
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            }
        )


def _check(found: Embeddings, dimensions: int | None) -> None:
    length = len(found.vectors[0])
    if dimensions not in (None, length):
        told = f"dimensions: this model's vectors have {length}, and are not cut"
        raise InvalidInput(told, path=("dimensions",))


def _row(at: int, vector: Sequence[float], *, packed: bool) -> dict[str, Any]:
    embedding = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if packed else vector
    return {"object": "embedding", "index": at, "embedding": embedding}
