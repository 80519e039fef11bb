"""The dashboard's files: built assets, and the shell for every page of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
_MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hearth</title>
<body style="font-family:system-ui;max-width:40em;margin:4em auto;line-height:1.5">
<h1>The dashboard is not built</h1>
<p>The hub runs; its API answers. To build the dashboard, run this in the source folder and reload the page:</p>
<pre>script/run</pre>
<p>or, with Node.js 20.19 or newer: <code>cd frontend &amp;&amp; npm ci --ignore-scripts &amp;&amp; npm run build</code></p>
"""


class DashboardRoutes:
    """``/assets/*`` and every page."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes; they come last, for they take what is left."""
        return (
            web.get("/assets/{name}", self._asset),
            web.get("/{path:.*}", self._page),
        )

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        response = self._serve(self._folder / "assets", request.match_info["name"])
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable"  # the name holds a hash of the content
        )
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path.startswith(("api/", "auth/", "assets/", "v1/")):
            raise web.HTTPNotFound
        file = self._find(self._folder, path)  # such as theme.js; every other path is a page of the dashboard
        index = file or self._folder / "index.html"
        if not index.is_file():
            return web.Response(text=_MISSING, content_type="text/html", status=503)
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    def _serve(self, folder: Path, name: str) -> web.StreamResponse:
        found = self._find(folder, name)
        if found is None:
            raise web.HTTPNotFound
        return web.FileResponse(found)

    def _find(self, folder: Path, name: str) -> Path | None:
        # The name is matched against what is there, so that no spelling of a path leads out of the folder.
        files = folder.iterdir() if folder.is_dir() else iter(())
        return next((file for file in files if file.name == name and file.is_file()), None)
