"""Shared beginnings of prompts that outlive the worker: what is saved to the disk, and when it comes back.

The decoding thread only copies a state from or to llama.cpp. Writing has a thread of its own; reading is done by the thread
that prepares requests, for the first that begins with it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Full, Queue

import llama_cpp

from hub.errors import HubError
from hub.inference.engine.container import State, StateRefused
from hub.inference.engine.context import Context
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.prefixes import Prefixes
from hub.inference.engine.saved import StateCache, StateKey, fingerprint
from hub.inference.engine.sequences import Known, Sequence, Sequences

SHORTEST = 64
"""Tokens: shorter beginnings are computed as quickly as they are read."""
LIMIT = 2 * 1024**3
"""Bytes of saved states."""
_HURRY = 5.0
"""Seconds that a new state waits for the engine to be idle before it is saved."""
_STATES = "states"


@dataclass(frozen=True, slots=True)
class Restored:
    """A state from the disk, authenticated."""

    known: Known
    state: State


class Archive:
    """The saved states of one model; a thread must be at ``work`` for them to be written.

    Raises StorageError if the folder cannot be used.
    """

    def __init__(self, folder: Path, path: Path, model: LoadedModel) -> None:
        self._cache = StateCache(folder / _STATES, LIMIT, _key(path, model))
        self._unsaved: Queue[tuple[Known, State] | None] = Queue(1)

    def find(self, known: Known, beyond: int) -> Restored | None:
        """Return the state that shares most tokens with the beginning of these, if that is worth more than ``beyond``."""
        found = self._cache.find(known.tolist())
        if found is None or found.common < beyond + SHORTEST:
            return None
        try:
            _, state = self._cache.load(found)
        except StateRefused as error:
            _complain(error)
            return None
        return Restored(found.tokens, state)

    def has(self, known: Known) -> bool:
        """Whether the state of just these tokens is saved."""
        found = self._cache.find(known.tolist())
        return found is not None and found.common == found.tokens.size == known.size

    @property
    def ready(self) -> bool:
        """Whether a state would be taken now."""
        return not self._unsaved.full()

    def save(self, known: Known, state: State) -> None:
        """Write a state, soon."""
        try:
            self._unsaved.put_nowait((known, state))
        except Full:
            return

    def work(self) -> None:
        """Write what is to be saved, until ``close``."""
        while (unsaved := self._unsaved.get()) is not None:
            known, state = unsaved
            try:
                self._cache.save(known.tolist(), state.data)
            except HubError as error:
                _complain(error)

    def close(self) -> None:
        """Let the thread end once it has written what it was given."""
        self._unsaved.put(None)


class Keeper:
    """Gives new shared beginnings to the archive and takes those that come from it; the decoding thread's part."""

    def __init__(self, context: Context, sequences: Sequences, prefixes: Prefixes, archive: Archive | None) -> None:
        self._context = context
        self._sequences = sequences
        self._prefixes = prefixes
        self._archive = archive
        self._new: list[tuple[Sequence, float]] = []

    @property
    def busy(self) -> bool:
        """Whether there is something to save."""
        return bool(self._new) and self._archive is not None and self._archive.ready

    def note(self, sequence: Sequence) -> None:
        """Save a shared beginning when there is time."""
        if self._archive is not None and sequence.computed >= SHORTEST and not self._archive.has(sequence.known):
            self._new.append((sequence, time.monotonic()))

    def rest(self, *, idle: bool) -> None:
        """Give a state to the archive, if nobody waits for the engine or it has been put off for long."""
        if not self.busy or not (idle or time.monotonic() - self._new[0][1] > _HURRY):
            return
        sequence, _ = self._new.pop(0)
        if sequence in self._prefixes.pinned and self._archive is not None:
            self._archive.save(sequence.known, self._context.state(sequence.number))

    def restore(self, restored: Restored) -> None:
        """Take a state in, as far as there is room for it besides what is at work and shared."""
        known = restored.known
        if self._prefixes.covered(known) == known.size or not self._prefixes.give_way(known.size):
            return
        sequence = self._sequences.begin(known)
        if self._context.restore(sequence.number, restored.state, known.size):
            self._sequences.extended(sequence, known.size)
            self._prefixes.add(sequence)
        else:
            self._sequences.end(sequence)


def _key(path: Path, model: LoadedModel) -> StateKey:
    plan = model.plan
    return StateKey(
        model=fingerprint(path),
        library=llama_cpp.__version__,
        context=plan.n_ctx,
        key_type=plan.cache_type,
        value_type=plan.cache_type,
        flash_attention=plan.flash_attention,
        unified=True,
        more=f"swa_full gpu_layers={plan.gpu_layers}",
    )


def _complain(error: HubError) -> None:
    sys.stderr.write(f"hearth model worker: {error}\n")
    sys.stderr.flush()
