"""The process that quantises: ``python -m hub.inference.library.quantiser SOURCE TARGET FILE_TYPE THREADS AGAIN``.

It writes a line of JSON for each tensor that it begins, and ends when its standard input does.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
import threading
from collections import deque

import llama_cpp as llama

_TENSOR = re.compile(r"\[ *\d+/ *\d+] (\S+)")
_FALLBACKS = re.compile(r"(\d+) of \d+ tensor\(s\) required fallback")
_ERROR = 4  # of ggml's log levels
_NICENESS = 5

_complaints: deque[str] = deque(maxlen=4)


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    line = text.decode(errors="replace")
    if level == _ERROR and line.strip(" =\n"):
        _complaints.append(line.strip())
    if match := _TENSOR.search(line):
        _say(tensor=match[1])
    elif match := _FALLBACKS.search(line):
        _say(fallbacks=match[1])


def main(arguments: list[str]) -> int:
    """Quantise; return the exit code."""
    source, target, kind, threads, again = arguments
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    os.nice(_NICENESS)
    llama.llama_log_set(_log, ctypes.c_void_p(0))
    llama.llama_backend_init()
    settings = llama.llama_model_quantize_default_params()
    settings.ftype = int(kind)
    settings.nthread = int(threads)
    settings.allow_requantize = again == "1"
    code = llama.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(settings))
    if code:
        _say(error="; ".join(_complaints) or f"it answered {code}")
    return 0


def _say(**event: str) -> None:
    print(json.dumps(event), flush=True)  # noqa: T201 - the parent reads it


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock the interpreter wants when it ends
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
