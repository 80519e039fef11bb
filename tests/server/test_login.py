"""Logging in for other programs: the page, PKCE, where it may lead, and signed paths."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from hub.errors import InvalidInput
from hub.security.tokens import TokenKind
from hub.server.redirects import check_redirect, redirect_with
from hub.testing import RunningHub
from hub.testing.running import OWNER
from tests.server.conftest import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLIENT, REDIRECT = "http://app.example/", "http://app.example/done?x=1"
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


async def code_from(http: aiohttp.ClientSession, **begin: str) -> str:
    """Log in as clients do, and return the code."""
    data: dict[str, Any] = {"client_id": CLIENT, "handler": ["homeassistant", None], "redirect_uri": REDIRECT, **begin}
    async with http.post("/auth/login_flow", json=data) as response:
        flow_id = (await response.json())["flow_id"]
    login = {"client_id": CLIENT, "username": OWNER["username"], "password": OWNER["password"]}
    async with http.post(f"/auth/login_flow/{flow_id}", json=login) as response:
        return str((await response.json())["result"])


@pytest.mark.parametrize(
    ("begin", "exchange", "error"),
    [
        (PKCE, {"code_verifier": VERIFIER}, None),
        (PKCE, {}, "invalid_request"),
        (PKCE, {"code_verifier": VERIFIER[:-1]}, "invalid_grant"),
        ({}, {"code_verifier": VERIFIER}, "invalid_request"),
        ({}, {"client_id": "http://other.example/"}, "invalid_request"),
        ({}, {"grant_type": "password"}, "unsupported_grant_type"),
        ({}, {}, None),
    ],
)
async def test_a_code_is_exchanged_by_whom_it_was_made_for(
    http: aiohttp.ClientSession, begin: dict[str, str], exchange: dict[str, str], error: str | None
) -> None:
    code = await code_from(http, **begin)
    form = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT, **exchange}
    async with http.post("/auth/token", data=form) as response:
        answer = await response.json()
        assert (response.status, answer.get("error")) == (400 if error else 200, error)


@pytest.mark.parametrize(
    "challenge",
    [{"code_challenge": CHALLENGE}, {**PKCE, "code_challenge_method": "plain"}, {**PKCE, "code_challenge": "x"}],
)
async def test_a_challenge_that_proves_nothing_is_refused(
    http: aiohttp.ClientSession, challenge: dict[str, str]
) -> None:
    data = {"client_id": CLIENT, "handler": ["homeassistant", None], "redirect_uri": REDIRECT, **challenge}
    async with http.post("/auth/login_flow", json=data) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("client_id", "redirect_uri"),
    [
        (CLIENT, "http://evil.example/"),
        (CLIENT, "https://app.example/"),
        (CLIENT, "http://app.example:81/"),
        (CLIENT, "javascript:alert(1)"),
        (CLIENT, "http://user@app.example/"),
        (CLIENT, "//app.example/"),
        (CLIENT, "http://app.example/#x"),
        (CLIENT, "http://app.example/\r\nX: y"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://app.example/../x", REDIRECT),
        ("app.example", "app.example"),
        ("http://[::1", "http://[::1"),
        ("", ""),
    ],
)
async def test_a_login_leads_only_to_the_client(http: aiohttp.ClientSession, client_id: str, redirect_uri: str) -> None:
    with pytest.raises(InvalidInput):
        check_redirect(client_id, redirect_uri)
    data = {"client_id": client_id, "handler": ["homeassistant", None], "redirect_uri": redirect_uri}
    async with http.post("/auth/login_flow", json=data) as response:
        assert response.status == 403
    query = {"client_id": client_id, "redirect_uri": redirect_uri}
    async with http.get("/auth/authorize", params=query) as response:
        assert response.status == 400
        assert "<form" not in await response.text()


async def test_companion_apps_and_clients_of_the_own_network_are_let_in() -> None:
    check_redirect("https://home-assistant.io/iOS", "homeassistant://auth-callback")
    check_redirect("http://192.168.1.5:8080/", "http://192.168.1.5:8080/cb")
    assert redirect_with(REDIRECT, code="a b") == "http://app.example/done?x=1&code=a+b"


async def test_the_page_logs_somebody_in_and_sends_them_back(http: aiohttp.ClientSession) -> None:
    query = {"response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "state": '"><script>', **PKCE}
    async with http.get("/auth/authorize", params=query, headers={"Accept-Language": "zh-CN"}) as response:
        page = await response.text()
        assert "登录" in page
        assert "app.example" in page
        assert "<script>" not in page
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://app.example" in policy
    wrong = {**query, "username": OWNER["username"], "password": "wrong"}
    async with http.post("/auth/authorize", data=wrong) as response:
        assert 'role="alert"' in await response.text()
    right = {**wrong, "password": OWNER["password"]}
    async with http.post("/auth/authorize", data=right, allow_redirects=False) as response:
        back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert (back["x"], back["state"]) == (["1"], [query["state"]])
    form = {"grant_type": "authorization_code", "code": back["code"][0], "client_id": CLIENT, "code_verifier": VERIFIER}
    async with http.post("/auth/token", data=form) as response:
        assert response.status == 200


async def test_clients_find_out_where_to_go(home: RunningHub, http: aiohttp.ClientSession) -> None:
    async with http.get("/.well-known/oauth-authorization-server") as response:
        found = await response.json()
    assert found["authorization_endpoint"] == f"{home.url}/auth/authorize"
    assert found["code_challenge_methods_supported"] == ["S256"]


async def test_a_signed_path_is_fetched_without_a_header_and_nothing_else_is(
    home: RunningHub, http: aiohttp.ClientSession, client: Client
) -> None:
    signed = (await client.result("auth/sign_path", path="/api/history/period?filter_entity_id=sensor.a", expires=20))[
        "path"
    ]
    url = URL(home.url + signed)
    forged = signed.replace("/api/history/period", "/api/logbook")
    other = url.update_query(filter_entity_id="sensor.b")
    for path, status in (
        (signed, 200),
        (forged, 401),
        (str(other), 401),
        (signed[:-2], 401),
        ("/api/states?authSig=a.b.c", 401),
    ):
        async with http.get(URL(path if path.startswith("http") else home.url + path, encoded=True)) as response:
            assert response.status == status, path
    async with http.post(url, data=b"") as response:
        assert response.status == 401
    wrong = await client.ask("auth/sign_path", path="http://evil.example/api/")
    assert wrong["error"]["code"] == "invalid_format"


async def test_a_signed_path_ends_with_the_session_that_signed_it(
    home: RunningHub, http: aiohttp.ClientSession
) -> None:
    owner = home.hub.auth.users.owner()
    assert owner is not None
    secret = await home.hub.auth.create_long_lived(owner.user_id, "signer", 1)
    token = home.hub.auth.tokens.find(secret, TokenKind.LONG_LIVED)
    assert token is not None
    signed = home.hub.signed_paths.sign("/api/", token.session_id, 20)
    async with http.get(signed) as response:
        assert response.status == 200
    await home.hub.auth.revoke(secret)
    async with http.get(signed) as response:
        assert response.status == 401
