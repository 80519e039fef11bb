"""A server that answers like Hugging Face's: its API, its addresses of files, and the storage that these lead to."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class ModelServer:
    """``files`` of the one repository ``house/lamp-GGUF``; ``cuts`` are the bytes after which the next connections drop."""

    files: dict[str, bytes] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    token: str | None = None
    ranges: list[str | None] = field(default_factory=list)
    told: list[str | None] = field(default_factory=list)
    address: str = ""
    abrupt: bool = False
    broken_after: int | None = None

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/models/house/lamp-GGUF/revision/{revision}", self.describe)
        app.router.add_route("HEAD", "/house/lamp-GGUF/resolve/{commit}/{name:.*}", self.resolve)
        app.router.add_get("/storage/{sha}", self.send)
        app.router.add_route("*", "/{rest:.*}", self.unknown)
        return app

    def sha(self, name: str) -> str:
        return self.hashes.get(name) or hashlib.sha256(self.files[name]).hexdigest()

    async def describe(self, request: web.Request) -> web.Response:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": "gated"}, status=403, headers={"X-Error-Code": "GatedRepo"})
        if request.match_info["revision"] not in ("main", COMMIT):
            return web.json_response({"error": "no"}, status=404, headers={"X-Error-Code": "RevisionNotFound"})
        siblings = [
            {
                "rfilename": name, "size": len(content), "blobId": "0" * 40,
                "lfs": {"sha256": self.sha(name), "size": len(content), "pointerSize": 134},
            }
            for name, content in self.files.items()
        ]  # fmt: skip
        readme = {"rfilename": "README.md", "size": 10, "blobId": "1" * 40}
        return web.json_response({"id": "house/lamp-GGUF", "sha": COMMIT, "siblings": [readme, *siblings]})

    async def resolve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        assert request.match_info["commit"] == COMMIT, "the files of one model must be of one commit"
        headers = {
            "X-Repo-Commit": COMMIT, "X-Linked-Etag": f'"{self.sha(name)}"', "X-Linked-Size": str(len(self.files[name])),
            "Location": f"{self.address.replace('127.0.0.1', 'localhost')}/storage/{self.sha(name)}",
        }  # fmt: skip
        return web.Response(status=302, headers=headers)

    async def send(self, request: web.Request) -> web.StreamResponse:
        content = next(self.files[name] for name in self.files if self.sha(name) == request.match_info["sha"])
        if self.broken_after is not None and len(self.ranges) >= self.broken_after:
            return web.Response(status=403, text="the address has expired")
        self.ranges.append(request.headers.get("Range"))
        self.told.append(request.headers.get("Authorization"))
        first = request.http_range.start or 0
        response = web.StreamResponse(status=206 if first else 200, headers={"ETag": f'"{request.match_info["sha"]}"'})
        response.content_length = len(content) - first
        if first:
            response.headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        await response.prepare(request)
        if not self.cuts:
            await response.write(content[first:])
            return response
        await response.write(content[first : self.cuts.pop(0)])
        assert request.transport is not None
        if self.abrupt:
            request.transport.abort()
        else:
            request.transport.close()
        return response

    async def unknown(self, request: web.Request) -> web.Response:
        return web.json_response({"error": "no"}, status=404, headers={"X-Error-Code": "RepoNotFound"})


@asynccontextmanager
async def model_server(**files: bytes) -> AsyncIterator[ModelServer]:
    """Serve for the time of the block."""
    server = ModelServer(files=dict(files))
    async with TestServer(server.application()) as listening:
        server.address = str(listening.make_url("")).rstrip("/")
        yield server
