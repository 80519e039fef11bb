"""One llama.cpp context: where sequences of tokens have their keys and values.

llama.cpp answers most misuse with ``abort()``: a batch that is too long or asks for too many logits, logits that were never
computed, a sequence that does not exist, two threads in one context. Every such rule is checked here, before the call.
"""

from __future__ import annotations

import ctypes
import threading
from enum import Enum
from typing import Any

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from hub.errors import InferenceError, ModelUnavailable
from hub.inference.engine import native
from hub.inference.engine.batch import Batch
from hub.inference.engine.container import State
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.planning import RunPlan
from hub.inference.settings import CacheType

Logits = NDArray[np.float32]

MOST_SEQUENCES = 256
"""llama.cpp's own limit."""
_TYPES = {
    CacheType.F16: llama.GGML_TYPE_F16,
    CacheType.Q8_0: llama.GGML_TYPE_Q8_0,
    CacheType.Q4_0: llama.GGML_TYPE_Q4_0,
}
_ANY = -1


class Outcome(Enum):
    """What became of a batch: all of it done, nothing for want of cells, or a part of it before an interruption."""

    DONE = 0
    FULL = 1
    INTERRUPTED = 2


class Flag:
    """Raised, it ends what llama.cpp is at, within the next operation of its graph; any thread may do so.

    llama.cpp asks ``strlen`` how long the text here is, hundreds of times a batch: no Python, and no lock of its interpreter.
    """

    def __init__(self) -> None:
        self._text = (ctypes.c_uint8 * 2)()
        self.address = ctypes.addressof(self._text)
        self.callback = ctypes.cast(ctypes.CDLL(None).strlen, llama.ggml_abort_callback)

    def put(self, raised: bool) -> None:
        """Raise or lower it."""
        self._text[0] = int(raised)


class Broken(InferenceError):
    """llama.cpp failed at a batch; whatever it had done of it is undone."""


class Context:
    """``sequences`` sequences that share the plan's cells, used by the thread that made it. A raised ``flag`` ends a batch early.

    Raises ModelUnavailable if there is no memory for it.
    """

    def __init__(self, model: LoadedModel, sequences: int, flag: Flag | None = None) -> None:
        self._model = model
        self._owner = threading.get_ident()
        self._flag = flag or Flag()
        self._rows = 0
        self.sequences = min(sequences, MOST_SEQUENCES)
        self.pointer = self._open()
        self._memory = llama.llama_get_memory(self.pointer)
        self.size: int = llama.llama_n_ctx(self.pointer)
        self.batch_size: int = llama.llama_n_batch(self.pointer)

    def batch(self) -> Batch:
        """Return an empty batch of the size that this context takes."""
        vocabulary = self._model.vocabulary.size
        return Batch(self.batch_size, outputs=self.outputs, sequences=self.sequences, vocabulary=vocabulary)

    def decode(self, batch: Batch) -> Outcome:
        """Compute a batch. The logits of the one before are gone.

        Raises Broken if llama.cpp refuses the batch or fails, InferenceError if it is one that must not be given to it.
        """
        self._check()
        if not self._memory:  # llama.cpp would take it for an encoder's batch
            raise Broken(f"Expected a model that writes, {self._model.name} only places texts (embeddings)")
        if batch.count > self.batch_size or batch.outputs > self.outputs:
            raise InferenceError(f"Expected a batch of at most {self.batch_size} rows, got {batch.count}")
        self._rows = 0
        code = llama.llama_decode(self.pointer, batch.native())
        if code < 0 or code > Outcome.INTERRUPTED.value:
            raise Broken(f"Expected llama.cpp to decode {batch.count} rows, it answered {code}: {native.complaints()}")
        llama.llama_synchronize(self.pointer)  # a graphics processor may still be at it, and time is taken
        if code == 0:
            self._rows = batch.outputs
        return Outcome(code)

    def warm(self) -> None:
        """Decode a token and forget it: weights come from the disk, and memory that llama.cpp takes at first use is taken.

        Raises ModelUnavailable if there is too little.
        """
        if not self._memory:
            return
        batch = self.batch()
        batch.add(0, 0, [max(0, self._model.vocabulary.begin)], output=True)
        try:
            self.decode(batch)
        except Broken as error:
            raise ModelUnavailable(f"{error}. Choose a smaller model or context") from None
        self.drop(0)

    def logits(self) -> Logits:
        """Return a view of the last batch's logits: a row for each that was asked for. The next batch overwrites it."""
        self._check()
        rows = llama.llama_get_logits(self.pointer) if self._rows else None
        if not rows:
            raise InferenceError("Expected a decoded batch that asked for logits, there is none")
        return np.ctypeslib.as_array(rows, shape=(self._rows, self._model.vocabulary.size))

    def length(self, sequence: int) -> int:
        """Return how many tokens a sequence has."""
        self._check(sequence)
        return int(llama.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def first(self, sequence: int) -> int:
        """Return the first position that a sequence still has: windowed layers forget older ones."""
        self._check(sequence)
        return max(0, int(llama.llama_memory_seq_pos_min(self._memory, sequence)))

    def copy(self, source: int, target: int, length: int) -> None:
        """Give an empty sequence the first tokens of another one; they share the cells."""
        self._check(source, target)
        llama.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def cut(self, sequence: int, length: int) -> bool:
        """Forget all but the first tokens of a sequence; False if this model cannot, and nothing has changed."""
        self._check(sequence)
        return bool(llama.llama_memory_seq_rm(self._memory, sequence, max(0, length), _ANY))

    def drop(self, sequence: int) -> None:
        """Forget a sequence."""
        self._check(sequence)
        llama.llama_memory_seq_rm(self._memory, sequence, _ANY, _ANY)

    def state(self, sequence: int) -> State:
        """Return the keys and values of a sequence."""
        self._check(sequence)
        size = int(llama.llama_state_seq_get_size(self.pointer, sequence))
        state = np.empty(size, np.uint8)
        return state[: int(llama.llama_state_seq_get_data(self.pointer, _bytes(state), size, sequence))]

    def restore(self, sequence: int, state: State, length: int) -> bool:
        """Give an empty sequence a state of ``length`` tokens that was authenticated; False if it does not fit."""
        self._check(sequence)
        done = int(llama.llama_state_seq_set_data(self.pointer, _bytes(state), state.size, sequence))
        if done == state.size and self.length(sequence) == length:
            return True
        self.drop(sequence)
        return False

    def close(self) -> None:
        """Free the memory."""
        self._check()
        if self.pointer:
            llama.llama_free(self.pointer)
            self.pointer = None

    @property
    def outputs(self) -> int:
        """The most rows of a batch that may ask for logits."""
        return max(self._model.plan.n_outputs, self.sequences)

    def _check(self, *sequences: int) -> None:
        if threading.get_ident() != self._owner:
            raise InferenceError("Expected the thread that opened the context, got another one")
        if not self.pointer:
            raise InferenceError("Expected an open context, this one is closed")
        for sequence in sequences:
            if not 0 <= sequence < self.sequences:
                raise InferenceError(f"Expected a sequence from 0 to {self.sequences - 1}, got {sequence}")

    def _open(self) -> Any:
        plan = self._model.plan
        settings = context_settings(plan, self._flag)
        settings.n_ctx, settings.n_batch, settings.n_ubatch = plan.n_ctx, plan.n_batch, plan.n_ubatch
        settings.n_seq_max, settings.n_outputs_max = self.sequences, self.outputs
        settings.type_k = settings.type_v = _TYPES[plan.cache_type]
        settings.offload_kqv = plan.gpu_layers != 0
        return open_context(self._model, settings)


def _bytes(state: State) -> Any:
    return ctypes.cast(state.ctypes.data, ctypes.POINTER(ctypes.c_uint8))


def context_settings(plan: RunPlan, flag: Flag) -> Any:
    """Return the settings that all contexts have in common."""
    settings = llama.llama_context_default_params()
    settings.n_threads, settings.n_threads_batch = plan.threads, plan.batch_threads
    on, off = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED, llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.flash_attn_type = on if plan.flash_attention else off
    settings.kv_unified = True
    settings.swa_full = True  # a window's cache of its own size could not be copied in part
    settings.no_perf = True
    settings.abort_callback, settings.abort_callback_data = flag.callback, flag.address
    return settings


def open_context(model: LoadedModel, settings: Any) -> Any:
    """Return a context of llama.cpp.

    Raises ModelUnavailable.
    """
    native.complaints()
    context = llama.llama_init_from_model(model.pointer, settings)
    if not context:
        raise ModelUnavailable(
            f"Expected memory for {model.name} with {settings.n_ctx} tokens: {native.complaints()}. "
            "Choose a smaller model or context"
        )
    return context
