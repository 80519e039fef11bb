"""A model in memory, through llama.cpp's C functions. Only the worker process imports this.

llama.cpp answers most misuse with ``abort()``: a batch that is too long, logits that were never computed, two threads in
one context. Every such rule is checked here, before the call.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from hub.errors import InferenceError, ModelUnavailable

Logits = NDArray[np.float32]

CHUNK = 128
"""Tokens decoded in one call: between calls a request can be cancelled."""
_LARGEST_CONTEXT = 4096
_ERROR = 3  # of llama.cpp's log levels

_complaints: deque[str] = deque(maxlen=4)


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    if level == _ERROR:
        _complaints.append(text.decode(errors="replace").strip())


class Model:
    """A GGUF file with one context of one sequence of tokens, used by the thread that made it.

    Raises ModelUnavailable if the file is not a model or does not fit.
    """

    def __init__(self, path: Path, *, context: int | None = None, threads: int | None = None) -> None:
        llama.llama_log_set(_log, ctypes.c_void_p(0))
        llama.llama_backend_init()
        self.name = path.stem
        self.tokens: list[int] = []
        self._owner = threading.get_ident()
        self._logits_ready = False
        self._model = _load(path)
        self.vocabulary = llama.llama_model_get_vocab(self._model)
        self.vocabulary_size: int = llama.llama_vocab_n_tokens(self.vocabulary)
        self.end: int = llama.llama_vocab_eos(self.vocabulary)
        self._begin: int = llama.llama_vocab_bos(self.vocabulary)
        self._context = _open(self._model, context, threads or default_threads(), path)
        self._memory = llama.llama_get_memory(self._context)
        self.context: int = llama.llama_n_ctx(self._context)

    def tokenise(self, text: str) -> list[int]:
        """Return the tokens of a prompt. Text that looks like a special token is only text."""
        raw = text.encode()
        room = len(raw) + 1
        buffer = (llama.llama_token * room)()
        count = llama.llama_tokenize(self.vocabulary, raw, len(raw), buffer, room, False, False)
        if count < 0:
            raise InferenceError(f"Expected at most {room} tokens in {len(raw)} bytes, got {-count}")
        begin = [self._begin] if llama.llama_vocab_get_add_bos(self.vocabulary) else []
        return [*begin, *buffer[:count]]

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; none for a special token."""
        self._check_token(token)
        buffer = ctypes.create_string_buffer(256)
        count = llama.llama_token_to_piece(self.vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(count, 0)]

    def rewind(self, count: int) -> None:
        """Forget all but the first ``count`` tokens of the sequence."""
        self._check_thread()
        if count < len(self.tokens):
            self._logits_ready = False
            if not llama.llama_memory_seq_rm(self._memory, 0, count, -1):
                llama.llama_memory_clear(self._memory, True)
                count = 0
            del self.tokens[count:]

    def extend(self, tokens: Sequence[int]) -> None:
        """Append up to CHUNK tokens to the sequence.

        Raises InferenceError if the context is full or llama.cpp fails.
        """
        self._check_thread()
        self._check_room(tokens)
        self._logits_ready = False
        row = (llama.llama_token * len(tokens))(*tokens)  # the batch only points at it
        code = llama.llama_decode(self._context, llama.llama_batch_get_one(row, len(tokens)))
        if code != 0:
            self.rewind(0)
            raise InferenceError(f"Expected llama.cpp to decode {len(tokens)} tokens, it answered {code}")
        self.tokens.extend(tokens)
        self._logits_ready = True

    def logits(self) -> Logits:
        """Return what the model thinks of every token as the next one."""
        self._check_thread()
        if not self._logits_ready:
            raise InferenceError("Expected tokens to be decoded before their logits are read")
        row = llama.llama_get_logits_ith(self._context, -1)
        if not row:
            raise InferenceError("Expected llama.cpp to have logits for the last token, it has none")
        return np.array(np.ctypeslib.as_array(row, shape=(self.vocabulary_size,)), dtype=np.float32)

    def close(self) -> None:
        """Free the memory."""
        self._check_thread()
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def _check_thread(self) -> None:
        if threading.get_ident() != self._owner:
            raise InferenceError("Expected the thread that loaded the model, got another one")

    def _check_token(self, token: int) -> None:
        if not 0 <= token < self.vocabulary_size:
            raise InferenceError(f"Expected a token from 0 to {self.vocabulary_size - 1}, got {token}")

    def _check_room(self, tokens: Sequence[int]) -> None:
        if not 1 <= len(tokens) <= CHUNK:
            raise InferenceError(f"Expected 1 to {CHUNK} tokens to decode, got {len(tokens)}")
        for token in tokens:
            self._check_token(token)
        if len(self.tokens) + len(tokens) > self.context:
            raise InferenceError(f"Expected at most {self.context} tokens, got {len(self.tokens) + len(tokens)}")


def default_threads() -> int:
    """Return one less than the processors that this process may use: llama.cpp spins, and the hub needs one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable - 1)


def _load(path: Path) -> Any:
    if not path.is_file():
        raise ModelUnavailable(f"Expected a model file, found none at {path}. Correct inference: model: in hearth.yaml")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelUnavailable(
                f"Expected a GGUF file, {path} is none. Name one in inference: model: in hearth.yaml"
            )
    settings = llama.llama_model_default_params()
    settings.use_extra_bufts = False  # repacked weights halve the speed of reading a prompt and double the memory
    settings.n_gpu_layers = -1 if llama.llama_supports_gpu_offload() else 0
    _complaints.clear()
    model = llama.llama_model_load_from_file(str(path).encode(), settings)
    if not model:  # a null pointer is not None
        raise ModelUnavailable(
            f"Expected a complete GGUF model, llama.cpp cannot read {path}: {_reasons()}. "
            "Copy or download the file again, or name another in inference: model: in hearth.yaml"
        )
    return model


def _open(model: Any, size: int | None, threads: int, path: Path) -> Any:
    trained: int = llama.llama_model_n_ctx_train(model)
    settings = llama.llama_context_default_params()
    settings.n_ctx = min(size or _LARGEST_CONTEXT, trained)
    settings.n_batch = settings.n_ubatch = CHUNK
    settings.n_threads = settings.n_threads_batch = threads
    gpu = llama.llama_supports_gpu_offload()
    on, off = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED, llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.flash_attn_type = on if gpu else off  # on a CPU it is slower for the few rows of an answer
    context = llama.llama_init_from_model(model, settings)
    if not context:
        llama.llama_model_free(model)
        raise ModelUnavailable(
            f"Expected memory for {path.name} with {settings.n_ctx} tokens: {_reasons()}. Choose a smaller model or context"
        )
    return context


def _reasons() -> str:
    return "; ".join(_complaints) or "it gives no reason"
