"""REST on pictures: what cameras and images show, for everybody who may see the entity or has its address."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Protocol

from aiohttp import web

from hub.adapters.interfaces import Picture, PictureSource
from hub.adapters.pictures import DOMAINS, PictureTokens
from hub.core.clock import Clock
from hub.core.registry import Entity, EntityRegistry
from hub.errors import ConnectionLost
from hub.server.middleware import PRINCIPAL, SIGHT
from hub.server.needs import Needs
from hub.server.route import Answer, Parameter, Route
from hub.server.schemas import ENTITY_ID, ref
from hub.server.web import json

FRESH = 1.0
"""Seconds for which a picture is shown again instead of fetched."""
TIMEOUT = 10.0
MAX_BYTES = 10 << 20
MAX_KEPT = 16
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp")
"""No SVG: it can hold a script."""


class PictureSources(Protocol):
    """Where pictures come from."""

    def picture_source(self, entry_id: str | None) -> PictureSource | None:
        """Return what has the pictures of a config entry's entities, if anything has."""


class PictureRoutes:
    """``/api/camera_proxy`` and ``/api/image_proxy``: at most one picture a second is asked of each device."""

    def __init__(self, entities: EntityRegistry, sources: PictureSources, tokens: PictureTokens, clock: Clock) -> None:
        self._entities = entities
        self._sources = sources
        self._tokens = tokens
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Picture]] = OrderedDict()
        self._fetching: dict[str, asyncio.Lock] = {}

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        answers = {
            200: Answer(description="The picture.", content_type="image/*"),
            503: Answer(description="There is no picture now.", schema=ref("Message")),
        }
        token = Parameter(name="token", description="The entity's access_token, instead of a token in the header.")
        return tuple(
            Route(method="GET", path=f"/api/{domain}_proxy/{{entity_id}}", handler=self._show, needs=Needs.LINK,
                  paths={"entity_id": ENTITY_ID}, query=(token,), answers=answers,
                  summary=f"Return the newest picture of a {domain}.")
            for domain in sorted(DOMAINS)
        )  # fmt: skip

    async def _show(self, request: web.Request) -> web.StreamResponse:
        entity_id = request.match_info["entity_id"]
        linked = self._tokens.accepts(entity_id, request.query.get("token", ""))
        if PRINCIPAL not in request and not linked:
            raise web.HTTPUnauthorized
        seen = linked or request[SIGHT].sees(entity_id)
        entity = self._entities.get(entity_id) if seen else None
        if entity is None or not request.path.startswith(f"/api/{entity.domain}_proxy/"):
            return json({"message": "Entity not found."}, 404)
        picture = await self._picture(entity)
        if picture is None:
            return json({"message": f"There is no picture of {entity_id} at the moment"}, 503)
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=picture.content, content_type=picture.content_type, headers=headers)

    async def _picture(self, entity: Entity) -> Picture | None:
        """Return the kept picture while it is fresh; several who ask at once share one fetch."""
        id_ = entity.entity_id
        async with self._fetching.setdefault(id_, asyncio.Lock()):
            time, kept = self._kept.get(id_, (-FRESH, None))
            if kept is not None and self._clock.monotonic() - time < FRESH:
                return kept
            picture = await self._fetched(entity)
            if picture is not None:
                self._keep(id_, picture)
        return picture

    async def _fetched(self, entity: Entity) -> Picture | None:
        source = self._sources.picture_source(entity.config_entry_id)
        if source is None or entity.disabled_by is not None:
            return None
        try:
            async with asyncio.timeout(TIMEOUT):
                picture = await source.picture(entity.unique_id)
        except (TimeoutError, ConnectionLost):
            return None
        good = picture is not None and len(picture.content) <= MAX_BYTES and picture.content_type in _TYPES
        return picture if good else None

    def _keep(self, id_: str, picture: Picture) -> None:
        self._kept[id_] = (self._clock.monotonic(), picture)
        self._kept.move_to_end(id_)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        for other in [other for other, lock in self._fetching.items() if not lock.locked() and other not in self._kept]:
            del self._fetching[other]
