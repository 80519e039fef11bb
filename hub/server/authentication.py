"""Logging in: the one-time welcome, Home Assistant's login flow, and the token grants."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from hub.errors import AuthenticationFailed, InvalidInput, Refused
from hub.security import ACCESS_SECONDS, Auth
from hub.server.web import body, json

MAX_FLOWS = 100
_FORM = [
    {"name": "username", "type": "string", "required": True},
    {"name": "password", "type": "string", "required": True},
]


class AuthRoutes:
    """``/auth/*`` and ``/api/onboarding``: public, rate limited by ``Auth``."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._flows: OrderedDict[str, str] = OrderedDict()

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/api/onboarding", self._onboarding),
            web.post("/auth/welcome", self._welcome),
            web.get("/auth/providers", self._providers),
            web.post("/auth/login_flow", self._begin),
            web.post("/auth/login_flow/{flow_id}", self._login),
            web.delete("/auth/login_flow/{flow_id}", self._abort),
            web.post("/auth/token", self._token),
            web.post("/auth/revoke", self._revoke),
        )

    async def _onboarding(self, request: web.Request) -> web.Response:
        return json({"owner": self._auth.users.owner() is not None})

    async def _welcome(self, request: web.Request) -> web.Response:
        data = await body(request)
        try:
            values = {key: str(data[key]) for key in ("code", "name", "username", "password")}
        except KeyError as missing:
            raise InvalidInput(f"Expected code, name, username and password, {missing} is missing") from None
        code = await self._auth.create_owner(
            **values,
            language=str(data.get("language", "en")),
            client_id=str(data.get("client_id", "")),
            address=request.remote or "",
        )
        return json({"auth_code": code})

    async def _providers(self, request: web.Request) -> web.Response:
        return json(
            {"providers": [{"name": "Hearth", "id": None, "type": "homeassistant"}], "preselect_remember_me": True}
        )

    async def _begin(self, request: web.Request) -> web.Response:
        data = await body(request)
        flow_id = secrets.token_hex(16)
        self._flows[flow_id] = str(data.get("client_id", ""))
        while len(self._flows) > MAX_FLOWS:
            self._flows.popitem(last=False)
        return json(_form(flow_id))

    async def _login(self, request: web.Request) -> web.Response:
        flow_id, data = request.match_info["flow_id"], await body(request)
        client_id = self._flows.get(flow_id)
        if client_id is None:
            return json({"message": "Invalid flow specified"}, 404)
        if data.get("client_id", client_id) != client_id:
            return json({"message": "Client ID changed"}, 400)
        try:
            code = await self._auth.login(
                str(data.get("username", "")), str(data.get("password", "")), client_id, request.remote or ""
            )
        except AuthenticationFailed as failure:
            return json(_form(flow_id, failure.key))
        del self._flows[flow_id]
        done = {"type": "create_entry", "flow_id": flow_id, "handler": ["homeassistant", None], "result": code}
        return json({**done, "version": 1, "title": "Hearth", "description": None, "description_placeholders": None})

    async def _abort(self, request: web.Request) -> web.Response:
        self._flows.pop(request.match_info["flow_id"], None)
        return json({"message": "Flow aborted"})

    async def _token(self, request: web.Request) -> web.Response:
        data = {key: str(value) for key, value in (await request.post()).items()}
        try:
            if data.get("grant_type") == "authorization_code":
                access, refresh = await self._auth.exchange(
                    data.get("code", ""), data.get("client_id", ""), request.remote
                )
                return json({**_grant(access), "refresh_token": refresh})
            if data.get("grant_type") == "refresh_token":
                access = await self._auth.refresh(
                    data.get("refresh_token", ""), data.get("client_id", ""), request.remote
                )
                return json(_grant(access))
        except Refused as refused:
            return json({"error": "invalid_request", "error_description": str(refused)}, 400)
        return json({"error": "unsupported_grant_type"}, 400)

    async def _revoke(self, request: web.Request) -> web.Response:
        data = await request.post()
        await self._auth.revoke(str(data.get("token", "")))
        return web.Response(status=200)


def _form(flow_id: str, error: str | None = None) -> dict[str, Any]:
    return {
        "type": "form",
        "flow_id": flow_id,
        "handler": ["homeassistant", None],
        "step_id": "init",
        "data_schema": _FORM,
        "errors": {"base": error} if error else {},
        "description_placeholders": None,
        "last_step": None,
        "preview": None,
    }


def _grant(access_token: str) -> dict[str, Any]:
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_SECONDS),
        "ha_auth_provider": "homeassistant",
    }
