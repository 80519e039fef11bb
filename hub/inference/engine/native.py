"""llama.cpp itself: started once in a process, and what it complains of."""

from __future__ import annotations

import ctypes
from collections import deque
from functools import cache

import llama_cpp as llama

_ERROR = 4  # of llama.cpp's levels; 5 goes on with the line before
_complaints: deque[str] = deque(maxlen=4)


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    if level == _ERROR:
        _complaints.append(text.decode(errors="replace").strip())


@cache
def start() -> None:
    """Make llama.cpp ready for use, and silent."""
    llama.llama_log_set(_log, ctypes.c_void_p(0))
    llama.llama_backend_init()


def complaints() -> str:
    """Return what llama.cpp has complained of since it was last asked."""
    lines = "; ".join(_complaints)
    _complaints.clear()
    return lines or "it gives no reason"
