"""What a browser of another machine is told that comes without TLS: why that is refused, and how to come with it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from aiohttp import web

from hub.server.certificates import CA_PATH, CertificateRoutes, Trust
from hub.server.route import Handler
from hub.server.web import Application

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_UPGRADE = {"Upgrade": "TLS/1.3, HTTP/1.1", "Connection": "Upgrade, close"}
_WORDS = {
    "en": (
        "This hub speaks TLS only",
        "Nothing was shown, and nothing that was sent without encryption was used. The address is:",
        "The browser does not know this hub's certificate authority yet, and warns of it. To end that, download the authority's certificate, compare its SHA-256 fingerprint, and let this device trust it:",
        "Somebody in between could change this page. Compare the fingerprint with what the hub says on its own machine: at its start, or with:",
    ),
    "zh-Hans": (
        "此中枢只使用 TLS",
        "没有显示任何内容，未加密发来的内容也没有被使用。地址是：",
        "浏览器还不认识此中枢的证书颁发机构，因而会发出警告。要彻底消除警告，请下载该机构的证书，核对其 SHA-256 指纹，并让此设备信任它：",
        "中间人可能改动此页面。请与中枢在其所在机器上显示的指纹核对：它在启动时会显示，也可以运行：",
    ),
}


def insecure_application(trust: Trust, port: Callable[[], int]) -> Application:
    """Return the application for other machines' HTTP without TLS: the authority's certificate, and a page that explains.

    Where clients trust what the hub shows already, a page's address leads to itself with TLS instead.
    """

    async def explain(request: web.Request) -> web.StreamResponse:
        url = f"https://{request.url.host or 'localhost'}:{port()}"
        if trust.authority_pem() is None and request.method in ("GET", "HEAD"):
            raise web.HTTPPermanentRedirect(f"{url}{request.rel_url}")
        if "text/html" not in request.headers.get("Accept", ""):
            return web.Response(status=426, text=f"426: this hub speaks TLS 1.3 only: {url}\n", headers=_UPGRADE)
        page = _page(_language(request), url, trust.fingerprint() or "?")
        return web.Response(status=426, text=page, content_type="text/html", headers=_UPGRADE)

    app = web.Application(middlewares=[_once])
    app.add_routes([*CertificateRoutes(trust).routes(), web.route("*", "/{path:.*}", explain)])
    return app


@web.middleware
async def _once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a single request: nothing is gained by staying."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_HEADERS)
        raise
    response.headers.update(_HEADERS)
    response.force_close()
    return response


def _language(request: web.Request) -> str:
    return "zh-Hans" if request.headers.get("Accept-Language", "").lower().startswith("zh") else "en"


def _page(language: str, url: str, fingerprint: str) -> str:
    title, refused, trust, compare = _WORDS[language]
    link = f'<a href="{escape(url)}">{escape(url)}</a>'
    return f"""<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Hearth</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<body style="font-family:system-ui;max-width:42em;margin:4em auto;padding:0 1em;line-height:1.5">
<h1>{title}</h1>
<p>{refused} {link}</p>
<p>{trust} <a href="{CA_PATH}">hearth-ca.crt</a></p>
<p><code style="overflow-wrap:anywhere">{fingerprint}</code></p>
<p>{compare} <code>hearth certificate show</code></p>
"""
