"""States of sequences that outlive the worker: a folder of sealed files, found by their tokens."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from hub.config.store import write_atomically
from hub.errors import StorageError
from hub.inference.engine import container
from hub.inference.engine.container import Source, State, StateRefused, Tokens

_SECRET = "states.key"  # noqa: S105 - the name of its file
_SECRET_BYTES = 32
_SUFFIX = ".state"
_UNFINISHED = ".unfinished"
_ABANDONED = 3600.0
"""Seconds after which an unfinished file is nobody's any more."""
_SAMPLES = 64
_SAMPLE = 64 * 1024
_HEAD = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StateKey:
    """All that a state depends on besides its tokens. ``model`` is its fingerprint, ``library`` llama-cpp-python's version.

    ``more`` is what else the engine sets that changes keys and values: RoPE, adapters, sliding windows.
    """

    model: str
    library: str
    context: int
    key_type: str
    value_type: str
    flash_attention: bool
    unified: bool
    more: str = ""

    def digest(self) -> bytes:
        """Return 32 bytes that stand for all of it."""
        return hashlib.sha256(repr(astuple(self)).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A saved state; its first ``common`` tokens are the ones looked for."""

    path: Path
    tokens: Tokens
    common: int


class StateCache:
    """A folder of saved states, at most ``limit`` bytes of them: what was used longest ago is removed.

    States of other keys stay until their turn comes: a model that is taken back finds its own. Writing 65 MB takes tens
    of milliseconds of processor and as long as the disk needs: not on the thread that decodes.

    Raises StorageError if the folder cannot be used.
    """

    def __init__(self, folder: Path, limit: int, key: StateKey) -> None:
        self._folder = folder
        self._limit = limit
        self._about = key.digest()
        with _storing(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._secret = _secret(folder / _SECRET)
            self._sweep()
            self._known = dict(self._read_all())

    def __len__(self) -> int:
        return len(self._known)

    def find(self, tokens: Sequence[int]) -> Found | None:
        """Return the state that shares most tokens with the beginning of these, the shortest of several such."""
        wanted = np.array(tokens, dtype=np.int32)
        found = [Found(path=p, tokens=t, common=_common(wanted, t)) for p, t in list(self._known.items())]
        return max((one for one in found if one.common), key=lambda one: (one.common, -one.tokens.size), default=None)

    def load(self, found: Found) -> tuple[list[int], State]:
        """Return the tokens of a saved state, and the state.

        Raises StateRefused if it is not as it was written; it is then removed.
        """
        try:
            tokens, state = load(found.path, self._secret, self._about)
            os.utime(found.path)
        except (StateRefused, OSError) as error:
            self._known.pop(found.path, None)
            found.path.unlink(missing_ok=True)
            raise StateRefused(str(error)) from None
        return tokens.tolist(), state

    def save(self, tokens: Sequence[int], state: Source) -> bool:
        """Keep a state; return False if it is larger than all that may be kept.

        Raises StorageError if it cannot be written.
        """
        size = container.sealed_size(len(tokens), memoryview(state).nbytes)
        if size > self._limit:
            return False
        known = np.array(tokens, dtype=np.int32)
        path = self._folder / (hmac.new(self._secret, self._about + known.tobytes(), "sha256").hexdigest() + _SUFFIX)
        with _storing(self._folder):
            self._make_room(size, path)
            save(path, self._secret, self._about, tokens, state)
        self._known[path] = known
        return True

    def _make_room(self, size: int, path: Path) -> None:
        """Remove what was used longest ago until a file of this size fits in."""
        files = sorted(((file.stat(), file) for file in self._files() if file != path), key=lambda f: f[0].st_mtime_ns)
        total = size + sum(status.st_size for status, _ in files)
        for status, file in files:
            if total <= self._limit:
                return
            file.unlink(missing_ok=True)
            self._known.pop(file, None)
            total -= status.st_size

    def _sweep(self) -> None:
        for file in self._folder.glob(f"*{_UNFINISHED}"):
            if file.stat().st_mtime < time.time() - _ABANDONED:
                file.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return [file for file in self._folder.glob(f"*{_SUFFIX}") if file.is_file()]

    def _read_all(self) -> Iterator[tuple[Path, Tokens]]:
        for path in self._files():
            try:
                with path.open("rb") as file:
                    yield path, container.read_tokens(file, self._secret, self._about)
            except StateRefused:
                continue  # another model's, perhaps; a damaged one goes when its turn comes


def save(path: Path, secret: bytes, about: bytes, tokens: Sequence[int], state: Source) -> None:
    """Write a state so that a reader, or a crash, meets all of it or nothing. Its mode is 0600."""
    handle, name = tempfile.mkstemp(prefix=f"{path.stem}.", suffix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            container.write(file, secret, about, tokens, state)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, secret: bytes, about: bytes) -> tuple[Tokens, State]:
    """Return the tokens of a saved state, and the state.

    Raises StateRefused if it is not as it was written, or not there.
    """
    try:
        with path.open("rb") as file:
            return container.read(file, secret, about)
    except OSError as error:
        raise StateRefused(f"Expected a saved state that can be read: {error}") from None


def fingerprint(path: Path) -> str:
    """Return what tells one model file from another: a hash of its size, its first bytes and samples of the rest.

    Not of all of it, which takes seconds: training changes every tensor. It is no proof against a forger.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(size.to_bytes(8, "little"))
    with path.open("rb") as file:
        digest.update(file.read(_HEAD))
        for number in range(1, _SAMPLES + 1):
            file.seek(max(0, size - _SAMPLE) * number // _SAMPLES)
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


def _common(one: Tokens, other: Tokens) -> int:
    length = min(one.size, other.size)
    equal = one[:length] == other[:length]
    return length if equal.all() else int(equal.argmin())


def _secret(path: Path) -> bytes:
    """Return the folder's secret. One that others could have read or written is replaced, and with it all states."""
    if not _private(path):
        write_atomically(path, secrets.token_bytes(_SECRET_BYTES))
    return path.read_bytes()


def _private(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    ours = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return ours and stat.S_ISREG(status.st_mode) and status.st_size == _SECRET_BYTES


@contextmanager
def _storing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"Expected to keep the model's states in {folder}: {error}") from error
