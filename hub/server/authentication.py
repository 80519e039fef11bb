"""Logging in: the one-time welcome, Home Assistant's login flow, and the token grants."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hub.errors import AuthenticationFailed, InvalidInput, Refused
from hub.security import ACCESS_SECONDS, Auth, checked_challenge
from hub.server.needs import Needs
from hub.server.redirects import check_redirect
from hub.server.route import FORM, Answer, Route
from hub.server.schemas import NULLABLE, STRING, array, record, ref
from hub.server.web import body, json

MAX_FLOWS = 100
_FORM = [
    {"name": "username", "type": "string", "required": True},
    {"name": "password", "type": "string", "required": True},
]
_FLOW = {200: Answer(description="What comes next.", schema=ref("Flow"))}
_REFUSED = Answer(description="Not now, or not any more.", schema=ref("Error"))
_GRANT = record(
    {"access_token": STRING, "token_type": {"const": "Bearer"}, "expires_in": {"type": "integer"}}, refresh_token=STRING
)
_OAUTH_ERROR = record({"error": STRING}, error_description=STRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """A login in progress: for which client, and with which PKCE challenge."""

    client_id: str
    challenge: str | None


class AuthRoutes:
    """``/auth/*`` and ``/api/onboarding``: public, rate limited by ``Auth``."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._flows: OrderedDict[str, _Flow] = OrderedDict()

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        return (*self._login_routes(), *self._token_routes())

    def _login_routes(self) -> Iterable[Route]:
        names = dict.fromkeys(("code", "name", "username", "password"), STRING)
        welcome = record(names, language=STRING, client_id=STRING)
        begin = record({"client_id": STRING, "handler": array(NULLABLE)}, redirect_uri=STRING, type=STRING,
                       code_challenge=STRING, code_challenge_method={"const": "S256"})  # fmt: skip
        login = record({"client_id": STRING}, username=STRING, password=STRING)
        flow = "/auth/login_flow/{flow_id}"
        code = Answer(description="A code to be exchanged at /auth/token.", schema=record({"auth_code": STRING}))
        return (
            Route(method="GET", path="/api/onboarding", handler=self._onboarding, needs=Needs.NOTHING,
                  summary="Say whether the hub has an owner.",
                  answers={200: Answer(schema=record({"owner": {"type": "boolean"}}))}),
            Route(method="POST", path="/auth/welcome", handler=self._welcome, needs=Needs.NOTHING, body=welcome,
                  summary="Create the owner, once, with the code that the hub printed.",
                  answers={200: code, 403: _REFUSED}),
            Route(method="GET", path="/auth/providers", handler=_providers, needs=Needs.NOTHING,
                  summary="List the ways to log in.", answers={200: Answer(schema=record({"providers": array({"type": "object"})}))}),
            Route(method="POST", path="/auth/login_flow", handler=self._begin, needs=Needs.NOTHING, body=begin,
                  summary="Begin to log in.", answers={**_FLOW, 403: _REFUSED}),
            Route(method="POST", path=flow, handler=self._login, needs=Needs.NOTHING, body=login,
                  summary="Log in; the result of the last step is a code to be exchanged at /auth/token.",
                  answers={**_FLOW, 403: _REFUSED}),
            Route(method="DELETE", path=flow, handler=self._abort, needs=Needs.NOTHING, summary="Do not log in after all.",
                  answers={200: Answer(schema=ref("Message"))}),
        )  # fmt: skip

    def _token_routes(self) -> Iterable[Route]:
        grants = record({"grant_type": {"enum": ["authorization_code", "refresh_token"]}}, client_id=STRING, code=STRING,
                        code_verifier=STRING, refresh_token=STRING)  # fmt: skip
        wrong = Answer(description="Why there is no token, in OAuth's words.", schema=_OAUTH_ERROR)
        return (
            Route(method="POST", path="/auth/token", handler=self._token, needs=Needs.NOTHING, body=grants, body_type=FORM,
                  summary="Exchange a code, or a refresh token, for an access token.",
                  answers={200: Answer(description="The token.", schema=_GRANT), 400: wrong}),
            Route(method="POST", path="/auth/revoke", handler=self._revoke, needs=Needs.NOTHING, body_type=FORM,
                  body=record({"token": STRING}), summary="End a token, with the session that it belongs to.",
                  answers={200: Answer(description="It is not good any more, if it ever was.", content_type=None)}),
        )  # fmt: skip

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

    async def _begin(self, request: web.Request) -> web.Response:
        data = await body(request)
        client_id = str(data.get("client_id", ""))
        if "redirect_uri" in data:
            try:
                check_redirect(client_id, str(data["redirect_uri"]))
            except InvalidInput as error:
                return json({"message": str(error)}, 403)
        challenge = checked_challenge(data.get("code_challenge"), data.get("code_challenge_method"))
        flow_id = secrets.token_hex(16)
        self._flows[flow_id] = _Flow(client_id=client_id, challenge=challenge)
        while len(self._flows) > MAX_FLOWS:
            self._flows.popitem(last=False)
        return json(_form(flow_id))

    async def _login(self, request: web.Request) -> web.Response:
        flow_id, data = request.match_info["flow_id"], await body(request)
        flow = self._flows.get(flow_id)
        if flow is None:
            return json({"message": "Invalid flow specified"}, 404)
        if data.get("client_id", flow.client_id) != flow.client_id:
            return json({"message": "Client ID changed"}, 400)
        username, password = str(data.get("username", "")), str(data.get("password", ""))
        address = request.remote or ""
        try:
            code = await self._auth.login(username, password, flow.client_id, address, challenge=flow.challenge)
        except AuthenticationFailed as failure:
            return json(_form(flow_id, failure.key))
        self._flows.pop(flow_id, None)
        done = {"type": "create_entry", "flow_id": flow_id, "handler": ["homeassistant", None], "result": code}
        return json({**done, "version": 1, "title": "Hearth", "description": None, "description_placeholders": None})

    async def _abort(self, request: web.Request) -> web.Response:
        self._flows.pop(request.match_info["flow_id"], None)
        return json({"message": "Flow aborted"})

    async def _token(self, request: web.Request) -> web.Response:
        data = {key: str(value) for key, value in (await request.post()).items()}
        client_id = data.get("client_id", "")
        try:
            if data.get("grant_type") == "authorization_code":
                access, refresh = await self._auth.exchange(
                    data.get("code", ""), client_id, request.remote, verifier=data.get("code_verifier")
                )
                return json({**_grant(access), "refresh_token": refresh})
            if data.get("grant_type") == "refresh_token":
                access = await self._auth.refresh(data.get("refresh_token", ""), client_id, request.remote)
                return json(_grant(access))
        except Refused as refused:
            error = refused.placeholders.get("error", "invalid_request")
            return json({"error": error, "error_description": str(refused)}, 400)
        return json({"error": "unsupported_grant_type"}, 400)

    async def _revoke(self, request: web.Request) -> web.Response:
        data = await request.post()
        await self._auth.revoke(str(data.get("token", "")))
        return web.Response(status=200)


async def _providers(request: web.Request) -> web.Response:
    ways = [{"name": "Hearth", "id": None, "type": "homeassistant"}]
    return json({"providers": ways, "preselect_remember_me": True})


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
