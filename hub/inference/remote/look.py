"""Which model a server serves, and what kind of server it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.errors import InferenceError, ModelUnavailable
from hub.inference.remote.connection import Connection
from hub.inference.remote.dialects import (
    LLAMA_SERVER,
    OLLAMA,
    OPENAI,
    VLLM,
    Dialect,
    Served,
    context_of,
    of_version,
    recognised,
)

_SHOWN = 5


async def look_around(
    connection: Connection, wanted: str | None, dialect: Dialect | None, known: Served | None
) -> Served:
    """Return what the server serves; a server that is ``known`` is only asked for its models.

    Raises InferenceError, or ModelUnavailable if it does not serve the ``wanted`` model.
    """
    row = _row(await connection.get("models"), wanted)
    model = str(row["id"])
    if known is not None and known.model == model:
        return known
    spoken = dialect or await _asked(connection, recognised(row))
    return Served(model=model, dialect=spoken, context=context_of(row))


def _row(data: Any, wanted: str | None) -> Mapping[str, Any]:
    rows = data.get("data") if isinstance(data, Mapping) else None
    if not isinstance(rows, list):
        raise ModelUnavailable(
            "Expected a list of models of the server, got something else: is this an OpenAI-compatible API?"
        )
    models = [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)]
    for row in models:
        if wanted in (None, row["id"]):
            return row
    names = ", ".join(row["id"] for row in models[:_SHOWN]) or "none"
    raise ModelUnavailable(f"Expected the model {wanted or ''} on the server, it serves {names}")


async def _asked(connection: Connection, dialect: Dialect) -> Dialect:
    """Return the dialect after asking what only one kind of server answers."""
    if dialect is VLLM:
        return of_version(VLLM, (await _field(connection, "/version", "version")))
    if dialect is not OPENAI:
        return dialect
    if await _field(connection, "/props", "total_slots") is not None:
        return LLAMA_SERVER
    if await _field(connection, "/api/version", "version") is not None:
        return OLLAMA
    return OPENAI


async def _field(connection: Connection, path: str, name: str) -> Any:
    try:
        data = await connection.get(path)
    except InferenceError:
        return None
    return data.get(name) if isinstance(data, Mapping) else None
