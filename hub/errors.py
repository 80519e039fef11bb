"""Every error that Hearth raises on purpose.

HubError
├── InvalidInput            something the caller gave is not what was expected
│   ├── ConfigError         ... in a file: names file and line
│   ├── ManifestError       ... in an integration's manifest
│   ├── TemplateError       a template does not compile or render
│   └── UnknownAction       no such action
├── NotFound                the thing named does not exist
├── Refused                 the caller may not do that (capabilities, confirmation, limits)
│   └── AuthenticationFailed
├── AdapterError            a device or its connection failed
│   ├── ConnectionLost      the supervisor reconnects, with jittered back-off
│   ├── DeviceRefused       the device answered, and said no
│   ├── ActionTimeout       no answer in time: the outcome is unknown
│   └── ProcessFailed       the process of an isolated integration crashed, hung or used too much
├── InferenceError          the model could not answer
│   ├── ModelUnavailable    no model, it does not fit, or it is still loading
│   ├── WorkerDied          the worker process ended while it held the request
│   ├── PromptTooLong       prompt and answer do not fit into the model's window
│   ├── Unanswerable        no model can answer the request: its grammar is none, or its prompt empty
│   └── QueueFull           too many requests wait: try again later
├── StorageError            a database or file could not be read or written
└── ScenarioFailed          a blueprint did not do what its scenario expects
    └── DatabaseDamaged     ... because its content is damaged: it is moved aside where that is safe
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class HubError(Exception):
    """The base of the tree: a message for people, and a key with placeholders for translation."""

    key: ClassVar[str] = "error"

    def __init__(self, message: str, **placeholders: object) -> None:
        super().__init__(message)
        self.placeholders: Mapping[str, object] = placeholders


class InvalidInput(HubError):
    """Something the caller gave is not what was expected. ``path`` leads to it, outermost key first."""

    key = "invalid_input"

    def __init__(self, message: str, *, path: tuple[str | int, ...] = (), **placeholders: object) -> None:
        super().__init__(message, **placeholders)
        self.path = path


class ConfigError(InvalidInput):
    """A file holds something unexpected: ``file`` and ``line`` (1-based) say where."""

    key = "config"

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        path: tuple[str | int, ...] = (),
    ) -> None:
        where = f" ({file}:{line})" if file and line else f" ({file})" if file else ""
        super().__init__(f"{message}{where}", path=path, file=file, line=line)
        self.file = file
        self.line = line


class ManifestError(InvalidInput):
    """An integration's manifest is missing or wrong."""

    key = "manifest"


class TemplateError(InvalidInput):
    """A template does not compile, renders too much, or fails."""

    key = "template_error"


class UnknownAction(InvalidInput):
    """No integration or entity domain offers this action."""

    key = "unknown_action"


class NotFound(HubError):
    """The thing named does not exist."""

    key = "not_found"


class Refused(HubError):
    """The caller may not do that."""

    key = "unauthorized"


class AuthenticationFailed(Refused):
    """The credentials are wrong, expired or revoked; nothing more is said."""

    key = "invalid_auth"


class AdapterError(HubError):
    """A device or the connection to it failed."""

    key = "adapter"


class ConnectionLost(AdapterError):
    """The connection broke; the supervisor runs the adapter again after a jittered wait."""

    key = "connection_lost"


class DeviceRefused(AdapterError):
    """The device answered and refused."""

    key = "device_refused"


class ActionTimeout(AdapterError):
    """No answer in time: whether it happened is unknown."""

    key = "timeout"


class ProcessFailed(AdapterError):
    """The process of an isolated integration crashed, hung, used too much, or said what is no message."""

    key = "process_failed"


class InferenceError(HubError):
    """The model could not answer."""

    key = "inference"


class ModelUnavailable(InferenceError):
    """There is no model, it does not fit in memory, or it is still loading."""

    key = "model_unavailable"


class WorkerDied(InferenceError):
    """The worker process ended while it held the request; a new one is being started."""

    key = "worker_died"


class PromptTooLong(InferenceError):
    """Prompt and answer need more tokens than the model's window has; nothing is cut off silently."""

    key = "prompt_too_long"


class Unanswerable(InferenceError):
    """The request itself is wrong, whatever the model: its grammar is none, or its prompt is empty."""

    key = "unanswerable"


class QueueFull(InferenceError):
    """Too many requests are waiting."""

    key = "queue_full"


class StorageError(HubError):
    """A database or file could not be read or written."""

    key = "storage"


class ScenarioFailed(HubError):
    """A blueprint did not do what its scenario expects."""

    key = "scenario_failed"


class DatabaseDamaged(StorageError):
    """A database file is no database or its pages contradict each other."""

    key = "database_damaged"
