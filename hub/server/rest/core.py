"""REST on the hub itself: its configuration, what it can do, its events, templates and log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.blueprints import check_folder
from hub.config.settings import load_settings
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.events import Event
from hub.errors import HubError, InvalidInput, TemplateError
from hub.inference.configuration import problems as inference_problems
from hub.plugins.manager import Plugins
from hub.server.log import RecentLog
from hub.server.needs import Needs
from hub.server.route import TEXT, Answer, Route
from hub.server.schemas import ANYTHING, NULLABLE, SLUG, STRING, array, record, ref
from hub.server.web import body, json, who
from hub.server.websocket.config import HubInfo
from hub.server.websocket.states import check_event_type
from hub.templates import Templates

_MESSAGE = {200: Answer(schema=ref("Message"))}


class CoreRoutes:
    """``/api/``, config, components, events, template, error_log and the check of the configuration."""

    def __init__(
        self,
        bus: EventBus,
        templates: Templates,
        info: HubInfo,
        clock: Clock,
        log: RecentLog,
        folder: Path,
        plugins: Plugins,
    ) -> None:
        self._bus = bus
        self._templates = templates
        self._info = info
        self._clock = clock
        self._log = log
        self._folder = folder
        self._plugins = plugins

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        listeners = array(record({"event": STRING, "listener_count": {"type": "integer"}}))
        checked = record({"result": {"enum": ["valid", "invalid"]}, "errors": NULLABLE, "warnings": NULLABLE})
        template = record({"template": STRING}, variables=ANYTHING)
        text = Answer(description="The text.", content_type=TEXT)
        return (
            Route(method="GET", needs=Needs.LOGIN, path="/api/", handler=_root, summary="Say that the API runs.", answers=_MESSAGE),
            Route(method="GET", needs=Needs.LOGIN, path="/api/config", handler=self._config, summary="Return the hub's configuration.",
                  answers={200: Answer(schema=record({"location_name": STRING, "version": STRING, "components": array(STRING)}))}),
            Route(method="GET", needs=Needs.LOGIN, path="/api/components", handler=self._components,
                  summary="List the integrations and entity domains in use.", answers={200: Answer(schema=array(STRING))}),
            Route(method="GET", needs=Needs.HOUSE, path="/api/events", handler=self._events,
                  summary="List the types of events that somebody listens for.", answers={200: Answer(schema=listeners)}),
            Route(method="POST", path="/api/events/{event_type}", handler=self._fire, needs=Needs.ADMIN,
                  paths={"event_type": SLUG}, body=ANYTHING, summary="Publish an event; the body is its data.",
                  answers=_MESSAGE),
            Route(method="POST", needs=Needs.HOUSE, path="/api/template", handler=self._template, body=template,
                  summary="Render a template.", answers={200: text}),
            Route(method="GET", path="/api/error_log", handler=self._errors, needs=Needs.ADMIN,
                  summary="Return the latest warnings and errors.", answers={200: text}),
            Route(method="POST", path="/api/config/core/check_config", handler=self._check, needs=Needs.ADMIN,
                  summary="Check hearth.yaml and the automations as they are on disk.", answers={200: Answer(schema=checked)}),
        )  # fmt: skip

    async def _config(self, request: web.Request) -> web.Response:
        return json(self._info.config())

    async def _components(self, request: web.Request) -> web.Response:
        return json(self._info.config()["components"])

    async def _events(self, request: web.Request) -> web.Response:
        counts = self._bus.listener_counts()
        return json([{"event": type_, "listener_count": count} for type_, count in counts.items()])

    async def _fire(self, request: web.Request) -> web.StreamResponse:
        type_ = request.match_info["event_type"]
        check_event_type(type_)
        self._bus.publish(Event(type_, await body(request), who(request)[1], self._clock.time()))
        return json({"message": f"Event {type_} fired."})

    async def _template(self, request: web.Request) -> web.Response:
        data = await body(request)
        variables = data.get("variables") or {}
        if not isinstance(data.get("template"), str) or not isinstance(variables, dict):
            raise InvalidInput("Expected a JSON object with the text 'template' and perhaps the object 'variables'")
        try:
            result = self._templates.render(data["template"], variables, parse_result=False)
        except TemplateError as error:
            raise InvalidInput(f"Error rendering template: {error}") from error
        return web.Response(text=str(result), content_type=TEXT)

    async def _errors(self, request: web.Request) -> web.Response:
        return web.Response(text=self._log.text(), content_type=TEXT)

    async def _check(self, request: web.Request) -> web.Response:
        problems = await asyncio.to_thread(self._problems)
        result: dict[str, Any] = {"result": "invalid" if problems else "valid", "warnings": None}
        return json({**result, "errors": "\n".join(map(str, problems)) or None})

    def _problems(self) -> list[HubError]:
        try:
            settings = load_settings(self._folder)
        except HubError as error:
            return [error]
        return [
            *settings.problems,
            *inference_problems(settings.inference, self._folder),
            *check_folder(self._folder, self._plugins.offers_trigger),
        ]


async def _root(request: web.Request) -> web.Response:
    return json({"message": "API running."})
