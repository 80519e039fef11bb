"""``/auth/authorize``: where other programs send the user's browser to log in. A page without a script of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from hub.errors import AuthenticationFailed, InvalidInput, Refused
from hub.security import Auth, checked_challenge
from hub.server.needs import Needs
from hub.server.redirects import check_redirect, redirect_with
from hub.server.route import FORM, Answer, Parameter, Route
from hub.server.schemas import STRING, record
from hub.server.web import json

_PARAMETERS = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")
_HTML = "text/html"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Log in to {home}",
        "explain": "{client} asks to use your home in your name. Only go on if you opened it yourself.",
        "username": "Username",
        "password": "Password",
        "submit": "Log in",
        "invalid": "The username or the password is wrong.",
        "limited": "Too many attempts: try again in {seconds} seconds.",
        "bad": "This link cannot be used to log in",
    },
    "zh-Hans": {
        "title": "登录{home}",
        "explain": "{client} 请求以您的身份使用您的家。请仅在这是您自己打开的情况下继续。",
        "username": "用户名",
        "password": "密码",
        "submit": "登录",
        "invalid": "用户名或密码错误。",
        "limited": "尝试次数过多:请在 {seconds} 秒后重试。",
        "bad": "无法使用此链接登录",
    },
}
_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>:root{{color-scheme:light dark;font-family:system-ui;line-height:1.5}}body{{max-width:24em;margin:12vh auto;padding:0 1em}}
label{{display:block;margin:1em 0}}input,button{{font:inherit;width:100%;padding:.6em;box-sizing:border-box}}
[role=alert]{{color:light-dark(#a11,#f99)}}</style>
<main><h1>{title}</h1>{content}</main>"""


class AuthorizeRoutes:
    """The page, and what its form is sent to."""

    def __init__(self, auth: Auth, home_name: Callable[[], str]) -> None:
        self._auth = auth
        self._home_name = home_name

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        query = tuple(Parameter(name=name) for name in _PARAMETERS)
        page = Answer(description="The page.", content_type=_HTML)
        wrong = Answer(description="A page that says what is wrong.", content_type=_HTML)
        form = record(dict.fromkeys(("client_id", "redirect_uri", "username", "password"), STRING), state=STRING)
        back = Answer(description="Back to the client.", content_type=None, headers=("Location",))
        return (
            Route(method="GET", path="/auth/authorize", handler=self._show, needs=Needs.NOTHING, query=query,
                  summary="Show the page that logs somebody in for another program (OAuth 2, PKCE with S256).",
                  answers={200: page, 400: wrong}),
            Route(method="POST", path="/auth/authorize", handler=self._submit, needs=Needs.NOTHING, body=form, body_type=FORM,
                  summary="Log in on that page.", answers={200: page, 303: back, 400: wrong, 403: wrong}),
            Route(method="GET", path="/.well-known/oauth-authorization-server", handler=_metadata, needs=Needs.NOTHING,
                  summary="Tell OAuth clients where to go (RFC 8414).", answers={200: Answer(schema={"type": "object"})}),
        )  # fmt: skip

    async def _show(self, request: web.Request) -> web.Response:
        return self._form(request, _asked(request.query))

    async def _submit(self, request: web.Request) -> web.Response:
        data = {key: str(value) for key, value in (await request.post()).items()}
        asked = _asked(data)
        problem = self._problem(request, asked)
        if problem is not None:
            return problem
        challenge = checked_challenge(asked.get("code_challenge"), asked.get("code_challenge_method"))
        words = _words(request)
        username, password, address = data.get("username", ""), data.get("password", ""), request.remote or ""
        try:
            code = await self._auth.login(username, password, asked["client_id"], address, challenge=challenge)
        except AuthenticationFailed:
            return self._form(request, asked, words["invalid"])
        except Refused as refused:
            seconds = refused.placeholders.get("retry_after", 60)
            return self._form(request, asked, words["limited"].format(seconds=seconds), 403)
        state = {"state": asked["state"]} if "state" in asked else {}
        return web.Response(status=303, headers={"Location": redirect_with(asked["redirect_uri"], code=code, **state)})

    def _form(
        self, request: web.Request, asked: Mapping[str, str], error: str | None = None, status: int = 200
    ) -> web.Response:
        problem = self._problem(request, asked)
        if problem is not None:
            return problem
        words = _words(request)
        client = urlsplit(asked["client_id"]).netloc
        alert = f'<p role="alert">{escape(error)}</p>' if error else ""
        hidden = "".join(f'<input type="hidden" name="{key}" value="{escape(text)}">' for key, text in asked.items())
        content = (
            f"<p>{escape(words['explain'].format(client=client))}</p>{alert}"
            f'<form method="post" action="/auth/authorize">{hidden}'
            f'<label>{words["username"]}<input name="username" autocomplete="username" required autofocus></label>'
            f'<label>{words["password"]}<input name="password" type="password" autocomplete="current-password" required></label>'
            f"<button>{words['submit']}</button></form>"
        )
        page = self._page(request, words["title"].format(home=self._home_name()), content, status)
        page.headers["Content-Security-Policy"] = _policy(asked["redirect_uri"])
        return page

    def _problem(self, request: web.Request, asked: Mapping[str, str]) -> web.Response | None:
        """Return a page that says why nobody can log in with these parameters; nobody is sent anywhere then."""
        try:
            _check(asked)
        except InvalidInput as error:
            return self._page(request, _words(request)["bad"], f'<p role="alert">{escape(str(error))}</p>', 400)
        return None

    def _page(self, request: web.Request, title: str, content: str, status: int) -> web.Response:
        text = _PAGE.format(language=_language(request), title=escape(title), content=content)
        return web.Response(text=text, status=status, content_type=_HTML, headers={"Cache-Control": "no-store"})


def _check(asked: Mapping[str, str]) -> None:
    if asked.get("response_type", "code") != "code":
        raise InvalidInput(f"Expected the response_type code, got {asked['response_type']!r}")
    check_redirect(asked.get("client_id", ""), asked.get("redirect_uri", ""))
    checked_challenge(asked.get("code_challenge"), asked.get("code_challenge_method"))


def _asked(values: Mapping[str, str]) -> dict[str, str]:
    return {key: values[key] for key in _PARAMETERS if key in values}


def _language(request: web.Request) -> str:
    return "zh-Hans" if request.headers.get("Accept-Language", "").lower().startswith("zh") else "en"


def _words(request: web.Request) -> Mapping[str, str]:
    return _WORDS[_language(request)]


def _policy(redirect_uri: str) -> str:
    """Allow the form to end at the client: browsers hold a form's redirects against ``form-action`` too."""
    parts = urlsplit(redirect_uri)
    client = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' {client}"


async def _metadata(request: web.Request) -> web.Response:
    root = str(request.url.origin())
    found: dict[str, Any] = {
        "issuer": root,
        "authorization_endpoint": f"{root}/auth/authorize",
        "token_endpoint": f"{root}/auth/token",
        "revocation_endpoint": f"{root}/auth/revoke",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    }
    return json(found)
