"""A quantised model for any Python program: ``QuantizedModel.from_pretrained("home-6m").load()``."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from hub.config.folder import default_folder
from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    DecisionRequest,
    Delta,
    EmbeddingRequest,
    Embeddings,
    Message,
    Prompt,
    Ranking,
    Speaker,
)
from hub.errors import ModelUnavailable
from hub.inference import accelerators
from hub.inference.backend import LocalBackend
from hub.inference.background import Background
from hub.inference.library.store import MODELS_FOLDER, ModelStore
from hub.inference.settings import EngineSettings


class QuantizedModel:
    """A GGUF model in a worker process, for programs with and without an event loop.

    A plain program calls its methods, which wait for the answer; they can be called from several threads at a time, and the
    worker answers them together. ``with`` closes the model at the end of the block. In a program with an event loop
    ``async with model as backend`` gives a ``LocalBackend``, whose methods have the same names.
    """

    def __init__(self, path: Path, settings: EngineSettings | None = None) -> None:
        self.path = path
        self.settings = settings or EngineSettings()
        self._background: Background | None = None
        self._entered: tuple[LocalBackend, asyncio.Task[None]] | None = None

    @classmethod
    def from_pretrained(
        cls, path_or_name: str | Path, *, models: Path | None = None, settings: EngineSettings | None = None
    ) -> Self:
        """Return a model by its file or its name in the folder ``models``; it is loaded when it is needed.

        Raises NotFound, with the names that there are.
        """
        store = ModelStore(models or default_folder() / MODELS_FOLDER)
        return cls(store.find(path_or_name), settings)

    def enable_gpu_offload(self, device_id: int = 0, layers: int = -1) -> Self:
        """Put ``layers`` of the model (-1: all) on a GPU; a model that is loaded already is loaded again.

        Raises ModelUnavailable, with the command that makes a build which can, where this one cannot.
        """
        check = accelerators.gpu_offload()
        if not check.possible:
            raise ModelUnavailable(str(check))
        self.settings = msgspec.structs.replace(self.settings, gpu_device=device_id, gpu_layers=layers)
        if self._background is not None:
            self._background.call(self._background.backend.use(self.path, self.settings))
        return self

    def load(self) -> Self:
        """Load the model now, and wait until it is.

        Raises ModelUnavailable if it cannot be.
        """
        if self._background is None:
            background = Background(LocalBackend(self.path, self.settings))
            try:
                background.call(background.backend.loaded())
            except BaseException:
                background.close()
                raise
            self._background = background
        return self

    def close(self) -> None:
        """Free the model; the next request would load it again."""
        if self._background is not None:
            self._background.close()
            self._background = None

    def status(self) -> Mapping[str, Any]:
        """Return how the model is, as ``LocalBackend.status``."""
        return self._running().backend.status()

    def generate(self, request: CompletionRequest | Prompt) -> Generator[Delta]:
        """Yield the answer to a prompt as it is written; closing the iterator frees the model."""
        running = self._running()
        return running.iterate(running.backend.generate(_completion(request)))

    def complete(self, request: CompletionRequest | Prompt) -> Completion:
        """Return the whole answer to a prompt."""
        running = self._running()
        return running.call(running.backend.complete(_completion(request)))

    def chat(self, request: ChatRequest | str) -> Generator[ChatDelta]:
        """Yield the next message of a chat as it is written; a text is the user's first message."""
        running = self._running()
        if isinstance(request, str):
            request = ChatRequest(messages=(Message(speaker=Speaker.USER, text=request),))
        return running.iterate(running.backend.chat(request))

    def decide(self, request: DecisionRequest) -> Ranking:
        """Return how likely each option is."""
        running = self._running()
        return running.call(running.backend.decide(request))

    def embed(self, *texts: str) -> Embeddings:
        """Return the texts' vectors."""
        running = self._running()
        return running.call(running.backend.embed(EmbeddingRequest(texts=texts)))

    def count(self, prompt: Prompt) -> int:
        """Return how many tokens a prompt is."""
        running = self._running()
        return running.call(running.backend.count(prompt))

    def __enter__(self) -> Self:
        return self.load()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> LocalBackend:
        backend = LocalBackend(self.path, self.settings)
        self._entered = backend, asyncio.create_task(backend.run(), name=f"inference:{self.path.stem}")
        try:
            await backend.loaded()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return backend

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._entered is not None:
            (_, task), self._entered = self._entered, None
            task.cancel()
            await asyncio.wait({task})

    def _running(self) -> Background:
        self.load()
        assert self._background is not None
        return self._background


def _completion(request: CompletionRequest | Prompt) -> CompletionRequest:
    return request if isinstance(request, CompletionRequest) else CompletionRequest(prompt=request)
