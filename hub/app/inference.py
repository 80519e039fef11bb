"""The back ends of a hub: the local model, and the servers that help it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hub.config.store import JsonStore
from hub.core.clock import Clock
from hub.core.inference import InferenceBackend
from hub.errors import HubError
from hub.inference import DEFAULT_MODEL, InferenceSettings, LocalBackend
from hub.inference.library.choice import Choice
from hub.inference.library.store import configured
from hub.inference.remote import BackendPool, RemoteBackend
from hub.inference.swap import ModelSwap

_log = logging.getLogger(__name__)


class Backends(NamedTuple):
    """The model of this machine, the servers, and what answers the API: the servers before the model, if there are any.

    ``swap`` changes the model of this machine.
    """

    local: LocalBackend
    servers: BackendPool
    models: InferenceBackend
    swap: ModelSwap


def backends(written: Mapping[str, Any], folder: Path, clock: Clock, chosen: JsonStore) -> Backends:
    """Return what ``inference:`` asks for; what is wrong with it is logged, and the default is used.

    ``chosen`` keeps the model that was chosen while the hub ran.
    """
    try:
        settings = InferenceSettings.parse(written, folder)
    except HubError as error:
        _log.error("%s; the default is used", error)
        settings = InferenceSettings.parse({}, folder)
    choice = Choice(chosen, settings.model)
    local = LocalBackend(_model(choice, folder), settings.engine, clock=clock)
    servers = [
        RemoteBackend(server.url, token=server.token, model=server.model, dialect=server.dialect, clock=clock)
        for server in settings.servers
    ]
    pool = BackendPool(servers, local)
    return Backends(local, pool, pool if servers else local, ModelSwap(local, folder, choice, clock))


def _model(choice: Choice, folder: Path) -> Path:
    """Return the model's file; where there is none the back end says so, and the rest of the hub starts."""
    try:
        return configured(folder, choice.model)
    except HubError as error:
        _log.error("%s", error)
    if choice.chosen is not None:
        choice.choose(None)
        return _model(choice, folder)
    return folder / choice.written if choice.written else DEFAULT_MODEL
