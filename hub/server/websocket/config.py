"""Commands on the hub itself and the user: get_config, auth/*, render_template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import voluptuous as vol

from hub.core.bus import EventBus
from hub.core.events import STATE_CHANGED, StateChanged, isoformat
from hub.errors import NotFound, TemplateError
from hub.security import Auth, Token, TokenKind, write_grants
from hub.server.needs import Needs
from hub.server.signed_paths import SignedPaths
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection
from hub.templates import RenderInfo, Templates


class HubInfo(Protocol):
    """What ``get_config`` tells."""

    def config(self) -> Mapping[str, Any]:
        """Return the hub's configuration in Home Assistant's form."""


class ConfigCommands:
    """get_config, auth/current_user, auth/*_token(s), auth/sign_path, render_template."""

    def __init__(
        self, info: HubInfo, auth: Auth, templates: Templates, bus: EventBus, signed_paths: SignedPaths
    ) -> None:
        self._info = info
        self._auth = auth
        self._templates = templates
        self._bus = bus
        self._signed_paths = signed_paths

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        lifespan = vol.All(int, vol.Range(min=1, max=3650))
        return (
            Command(name="get_config", needs=Needs.LOGIN, summary="Return the hub's configuration.",
                    handler=lambda *_: self._info.config()),
            Command(name="auth/current_user", needs=Needs.LOGIN, summary="Say who you are.", handler=self._current_user),
            Command(name="auth/long_lived_access_token", needs=Needs.HOUSE, summary="Make a token for a program; it is shown this once.",
                    handler=self._long_lived, fields={
                vol.Required("client_name"): vol.All(str, vol.Length(min=1, max=100)), vol.Required("lifespan"): lifespan,
                "client_icon": vol.Any(str, None)}),
            Command(name="auth/refresh_tokens", needs=Needs.LOGIN, summary="List your tokens, without their texts.", handler=self._tokens),
            Command(name="auth/delete_refresh_token", needs=Needs.LOGIN, summary="End one of your tokens.",
                    handler=self._delete_token, fields={
                vol.Required("refresh_token_id"): str}),
            Command(name="auth/sign_path", needs=Needs.LOGIN, summary="Sign a path, so that it can be fetched for a short time without a header.",
                    handler=self._sign, fields={
                vol.Required("path"): str, vol.Optional("expires", default=30): vol.All(int, vol.Range(min=1, max=86_400))}),
            Command(name="render_template", needs=Needs.HOUSE, summary="Render a template, again whenever what it looks at changes.",
                    handler=self._render, fields={
                vol.Required("template"): str, "variables": dict, "timeout": vol.Coerce(float), "strict": bool,
                "report_errors": bool, "entity_ids": object}),
        )  # fmt: skip

    async def _long_lived(self, connection: Connection, message: dict[str, Any]) -> Any:
        return await self._auth.create_long_lived(
            connection.principal.user_id, message["client_name"], message["lifespan"]
        )

    def _sign(self, connection: Connection, message: dict[str, Any]) -> Any:
        session = connection.principal.token_id or ""
        return {"path": self._signed_paths.sign(message["path"], session, message["expires"])}

    def _tokens(self, connection: Connection, message: dict[str, Any]) -> Any:
        current = connection.principal.token_id
        return [token_row(token, current) for token in self._auth.list_tokens(connection.principal.user_id)]

    async def _delete_token(self, connection: Connection, message: dict[str, Any]) -> None:
        id_ = message["refresh_token_id"]
        user_id = connection.principal.user_id
        if id_ not in [token.token_id for token in self._auth.list_tokens(user_id)]:
            raise NotFound(f"Expected the id of one of your tokens, got {id_!r}")
        await self._auth.revoke_session(id_, self._auth.users.get(user_id))

    def _render(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, template, variables = message["id"], message["template"], message.get("variables", {})
        try:
            info = self._templates.render_info(template, variables)
        except TemplateError as error:
            if not message.get("report_errors"):
                raise
            connection.event(id_, {"error": str(error), "level": "ERROR"})
            connection.result(id_)
            return ANSWERED
        connection.result(id_)
        view = _TemplateView(self._templates, connection, id_, template, variables)
        view.show(info)
        connection.subscribe(id_, self._bus.listen(STATE_CHANGED, view.state_changed))
        return ANSWERED

    def _current_user(self, connection: Connection, message: dict[str, Any]) -> Any:
        principal = connection.principal
        user = self._auth.users.require(principal.user_id)
        return {
            "id": user.user_id,
            "name": user.name,
            "is_owner": principal.role == "owner",
            "is_admin": connection.admin,
            "credentials": [],
            "mfa_modules": [],
            "role": principal.role,
            "capabilities": write_grants(user.capabilities),
            "sees_house": connection.sight.house,
        }


def token_row(token: Token, current: str | None) -> dict[str, Any]:
    """Return a token as ``auth/refresh_tokens`` shows it; never its text."""
    lasting = token.kind is TokenKind.LONG_LIVED
    return {
        "id": token.token_id,
        "client_id": token.client_id,
        "client_name": token.name or None,
        "client_icon": None,
        "type": "long_lived_access_token" if lasting else "normal",
        "created_at": isoformat(token.created),
        "expire_at": isoformat(token.expires),
        "last_used_at": isoformat(token.last_used) if token.last_used else None,
        "last_used_ip": token.last_address,
        "is_current": token.token_id == current,
        "auth_provider_type": "homeassistant",
    }


class _TemplateView:
    """A template on a client's screen, rendered again when an entity that it used changes."""

    def __init__(
        self, templates: Templates, connection: Connection, id_: int, template: str, variables: Mapping[str, Any]
    ) -> None:
        self._templates = templates
        self._connection = connection
        self._id = id_
        self._template = template
        self._variables = variables
        self._info = RenderInfo(result=None)

    def show(self, info: RenderInfo) -> None:
        self._info = info
        self._connection.event(self._id, {"result": info.result, "listeners": info.listeners()})

    def state_changed(self, event: StateChanged) -> None:
        if self._info.depends_on(event.entity_id):
            try:
                self.show(self._templates.render_info(self._template, self._variables))
            except TemplateError as error:
                self._connection.event(self._id, {"error": str(error), "level": "ERROR"})
