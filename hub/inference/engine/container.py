"""A file of a sequence's state that nobody without the secret can have written or changed: AES-GCM, block by block.

llama.cpp itself takes a damaged state without a word, or ends the process. Layout: a header, the tokens as one block, the
state in blocks of a mebibyte; each block ends with its tag. The cipher's key is made of the secret and the whole header, so
no field of it can change; a block's number is its nonce, so none can move; the lengths leave no room for more or fewer.
"""

from __future__ import annotations

import hmac
import secrets
import struct
from collections.abc import Sequence
from io import BufferedReader
from typing import BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from hub.errors import InferenceError

State = NDArray[np.uint8]
Tokens = NDArray[np.int32]
Source = bytes | bytearray | memoryview

_HEADER = struct.Struct("<8s32s32sIQ")
_MAGIC = b"HEARTHS1"
_BLOCK = 1024 * 1024
_TAG = 16


class StateRefused(InferenceError):
    """A saved state is damaged, or another model's, version's or hub's: compute it again."""


def sealed_size(tokens: int, state: int) -> int:
    """Return the bytes of a file of so many tokens and bytes of state."""
    blocks = 1 + -(-state // _BLOCK)
    return _HEADER.size + tokens * 4 + state + blocks * _TAG


def write(file: BinaryIO, secret: bytes, about: bytes, tokens: Sequence[int], state: Source) -> None:
    """Write the state of a sequence of tokens; ``about`` is 32 bytes that its reader must know."""
    view = memoryview(state).cast("B")
    header = _HEADER.pack(_MAGIC, secrets.token_bytes(32), about, len(tokens), len(view))
    cipher = _cipher(secret, header)
    file.write(header)
    file.write(cipher.encrypt(_nonce(0), np.array(tokens, dtype="<i4").tobytes(), None))
    parts = (view[start : start + _BLOCK] for start in range(0, len(view), _BLOCK))
    file.writelines(cipher.encrypt(_nonce(number), part, None) for number, part in enumerate(parts, 1))


def read_tokens(file: BufferedReader, secret: bytes, about: bytes) -> Tokens:
    """Return the tokens alone.

    Raises StateRefused.
    """
    return _Reader(file, secret, about).tokens


def read(file: BufferedReader, secret: bytes, about: bytes) -> tuple[Tokens, State]:
    """Return the tokens and the state.

    Raises StateRefused.
    """
    reader = _Reader(file, secret, about)
    return reader.tokens, reader.state()


class _Reader:
    def __init__(self, file: BufferedReader, secret: bytes, about: bytes) -> None:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_MAGIC):
            raise StateRefused(f"Expected a saved state of this version, got a file that begins with {header[:8]!r}")
        _, _, described, count, self._size = _HEADER.unpack(header)
        if described != about:
            raise StateRefused("Expected a state of this model, library and settings, got another one's")
        actual, expected = file.seek(0, 2), sealed_size(count, self._size)
        if actual != expected:  # before any memory is taken for what the header claims
            raise StateRefused(f"Expected a saved state of {expected} bytes, got {actual}")
        file.seek(_HEADER.size)
        self._file = file
        self._cipher = _cipher(secret, header)
        self.tokens: Tokens = np.frombuffer(self._block(0, bytearray(count * 4 + _TAG)), dtype="<i4")

    def state(self) -> State:
        """Return the state; once."""
        state = np.empty(self._size, dtype=np.uint8)  # unlike a bytearray, it is not filled with zeros first
        view = memoryview(state.data)
        buffer = memoryview(bytearray(_BLOCK + _TAG))
        for number, start in enumerate(range(0, self._size, _BLOCK), 1):
            part = view[start : start + _BLOCK]
            part[:] = self._block(number, buffer[: len(part) + _TAG])
        return state

    def _block(self, number: int, buffer: memoryview | bytearray) -> bytes:
        if self._file.readinto(buffer) != len(buffer):
            raise StateRefused("Expected a whole saved state, its file became shorter")
        try:
            return self._cipher.decrypt(_nonce(number), buffer, None)
        except InvalidTag:
            raise StateRefused(f"Expected a saved state as it was written, its block {number} is not") from None


def _cipher(secret: bytes, header: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, header, "sha256"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
