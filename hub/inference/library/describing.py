"""What a model is, as plain data for lists of them."""

from __future__ import annotations

from typing import Any

from hub.errors import HubError
from hub.inference import gguf
from hub.inference.library.store import Model


def described(model: Model, *, in_use: bool) -> dict[str, Any]:
    """Return a model's name, size and kind; ``problem`` says why its file cannot be read."""
    row: dict[str, Any] = {
        "name": model.name,
        "path": str(model.path),
        "size": model.size,
        "source": model.record.source if model.record else None,
        "added": model.record.added if model.record else None,
        "built_in": model.is_built_in,
        "in_use": in_use,
        "problem": None,
    }
    try:
        headers = [gguf.read(file) for file in model.files]
    except HubError as error:
        unknown = dict.fromkeys(("architecture", "parameters", "quantisation", "context"))
        return {**row, **unknown, "problem": str(error)}
    return {
        **row,
        "architecture": headers[0].architecture,
        "parameters": sum(header.parameters for header in headers),
        "quantisation": headers[0].file_type,
        "context": headers[0].context,
    }
