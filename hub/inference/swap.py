"""The models that a hub can run, and the change from one to another while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.core.clock import Clock
from hub.errors import HubError, InferenceError, ModelUnavailable, NotFound
from hub.inference.backend import LocalBackend
from hub.inference.library import MODELS_FOLDER, Model, ModelStore, configured
from hub.inference.library.choice import Choice
from hub.inference.library.describing import described
from hub.inference.library.names import model_name, siblings


class ModelSwap:
    """Swaps the model of a back end for one of the library, and keeps the choice for the next start.

    ``run`` must be running: a change goes on even if whoever asked for it goes away.
    """

    def __init__(self, backend: LocalBackend, folder: Path, choice: Choice, clock: Clock) -> None:
        self._backend = backend
        self._folder = folder
        self._choice = choice
        self._clock = clock
        self._group: asyncio.TaskGroup | None = None
        self._loading: str | None = None
        self._since = 0.0
        self._failed: dict[str, Any] | None = None

    async def run(self) -> None:
        """Keep changes going until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.get_running_loop().create_future()
        finally:
            self._group = None

    def status(self) -> Mapping[str, Any]:
        """Return how the model is, what is loaded to replace it and for how many seconds, and what could not be."""
        seconds = round(self._clock.monotonic() - self._since, 1)
        loading = None if self._loading is None else {"model": self._loading, "seconds": seconds}
        return {**self._backend.status(), "loading": loading, "failed": self._failed}

    async def models(self) -> list[dict[str, Any]]:
        """Return the models that can be chosen: those of the library, and the file that ``hearth.yaml`` names.

        ``written`` marks what ``hearth.yaml`` names.
        """
        return await asyncio.to_thread(self._rows)

    def begin(self, name: str) -> asyncio.Task[HubError | None]:
        """Begin to go on with another model, now and after the next start; the result is what went wrong.

        That is NotFound, InferenceError while another one is being loaded, or ModelUnavailable if it cannot be loaded: then
        the old one goes on.
        """
        if self._group is None:
            raise ModelUnavailable("Expected a hub that runs, it is stopped")
        return self._group.create_task(self._change(name), name=f"inference:use:{name}")

    async def _change(self, name: str) -> HubError | None:
        if self._loading is not None:
            return InferenceError(f"Expected one change at a time, {self._loading} is being loaded: wait for its end")
        self._loading, self._since, self._failed = name, self._clock.monotonic(), None
        try:
            await self._use(name)
        except HubError as error:  # raised from here it would end every other part of the hub
            self._failed = {"model": name, "reason": str(error)}
            return error
        finally:
            self._loading = None
        return None

    async def _use(self, name: str) -> None:
        model, written = await asyncio.to_thread(self._find, name)
        if model.path.resolve() != self._backend.path.resolve() or self._backend.model is None:
            await self._backend.use(model.path)
        self._choice.choose(None if written else model.name)
        await self._choice.write()

    def _find(self, name: str) -> tuple[Model, bool]:
        """Return a model, and whether it is the one that ``hearth.yaml`` names."""
        store = ModelStore(self._folder / MODELS_FOLDER)
        model = next((model for model in self._outside(store) if model.name == name), None) or store.get(name)
        if model.missing:
            raise NotFound(f"Expected {model.missing[0]}, it is gone: 'hearth model remove {name}', and get it again")
        return model, model.path.resolve() == self._written()

    def _rows(self) -> list[dict[str, Any]]:
        store = ModelStore(self._folder / MODELS_FOLDER)
        current, written = self._backend.path.resolve(), self._written()
        return [
            {**described(model, in_use=file == current), "written": file == written}
            for model in (*store.list(), *self._outside(store))
            for file in (model.path.resolve(),)
        ]

    def _outside(self, store: ModelStore) -> list[Model]:
        """Return what ``hearth.yaml`` names if it is a file outside the library."""
        written = self._written()
        if written is None or any(file.resolve() == written for model in store.list() for file in model.files):
            return []
        try:
            return [Model(name=model_name(written), files=tuple(siblings(written)))]
        except HubError:
            return []

    def _written(self) -> Path | None:
        """Return the file that ``hearth.yaml`` means, or None if there is none."""
        try:
            return configured(self._folder, self._choice.written).resolve()
        except HubError:
            return None
