"""Errors that cross between processes: what was raised there is raised here, with its kind and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.errors import (
    ActionTimeout,
    AdapterError,
    AuthenticationFailed,
    ConnectionLost,
    DeviceRefused,
    HubError,
    InvalidInput,
    NotFound,
    Refused,
    StorageError,
    TemplateError,
)

_KINDS: Mapping[str, type[HubError]] = {
    kind.key: kind
    for kind in (
        ActionTimeout,
        AdapterError,
        AuthenticationFailed,
        ConnectionLost,
        DeviceRefused,
        NotFound,
        Refused,
        StorageError,
        TemplateError,
    )
}


def written(error: BaseException) -> dict[str, Any]:
    """Return an error as a frame's values; what is no HubError is a defect, named by its type."""
    if isinstance(error, InvalidInput):
        return {"key": InvalidInput.key, "message": str(error), "path": list(error.path)}
    if isinstance(error, HubError):
        return {"key": error.key, "message": str(error)}
    return {"key": "defect", "message": f"{type(error).__name__}: {error}"}


def read(values: Mapping[str, Any]) -> HubError:
    """Return the error that ``written`` wrote; a defect is an AdapterError."""
    key, message = values["key"], str(values["message"])
    if key == InvalidInput.key:
        return InvalidInput(message, path=tuple(values.get("path", ())))
    return _KINDS.get(key, AdapterError)(message)


def leaf(error: BaseException) -> BaseException:
    """Return the error inside nested groups that says most: a defect before a lost connection."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [leaf(inner) for inner in error.exceptions]
    return next((inner for inner in leaves if not isinstance(inner, ConnectionLost)), leaves[0])
