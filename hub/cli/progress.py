"""A bar on a terminal for work that takes its time; nothing where nobody watches."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from hub.inference.library.progress import Advance, Progress, Unit, silent

_INTERVAL = 0.1
_WIDTH = 24


class Bar:
    """Shows how far work is, on one line that is drawn again and again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._task = ""
        self._started = self._drawn = 0.0
        self._begun = 0

    def show(self, advance: Advance) -> None:
        """Draw the line, if it is time to."""
        now = time.monotonic()
        if advance.task != self._task:
            self._task, self._started, self._begun, self._drawn = advance.task, now, advance.done, 0.0
        if now - self._drawn >= _INTERVAL or advance.done >= advance.total:
            self._drawn = now
            self.tell(line(advance, now - self._started, self._begun))

    def clear(self) -> None:
        """Leave an empty line."""
        self.tell("")

    def tell(self, text: str) -> None:
        """Put a text on the line."""
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{text[:width]}")
        self._stream.flush()


@contextmanager
def bar() -> Iterator[Progress]:
    """Show a bar on standard error for the time of the block; on anything but a terminal, none."""
    if not sys.stderr.isatty():
        yield silent
        return
    drawn = Bar(sys.stderr)
    try:
        yield drawn.show
    finally:
        drawn.clear()


@contextmanager
def waiting(task: str) -> Iterator[None]:
    """Show for the time of the block how long something takes that cannot say how far it is; only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    drawn, over, started = Bar(sys.stderr), threading.Event(), time.monotonic()

    def tick() -> None:
        while not over.wait(_INTERVAL):
            drawn.tell(f"{task}  {duration(time.monotonic() - started)}")

    clock = threading.Thread(target=tick, name="progress")
    clock.start()
    try:
        yield
    finally:
        over.set()
        clock.join()
        drawn.clear()


def line(advance: Advance, seconds: float, begun: int = 0) -> str:
    """Return how far work is: ``Fetching [#####     ] 25 %  1.0 of 4.0 GB  35 MB/s  1 min 26 s left  model.gguf``."""
    part = min(1.0, advance.done / advance.total) if advance.total else 1.0
    drawn = "#" * round(part * _WIDTH)
    words = [f"{advance.task} [{drawn:<{_WIDTH}}] {part:4.0%}"]
    if advance.unit is Unit.BYTES:
        words.append(f"{_size(advance.done)} of {_size(advance.total)}")
    rate = (advance.done - begun) / seconds if seconds > 1 else 0.0
    if rate and advance.unit is Unit.BYTES:
        words.append(f"{_size(rate)}/s")
    if rate and advance.done < advance.total:
        words.append(f"{duration((advance.total - advance.done) / rate)} left")
    return "  ".join([*words, advance.detail]).rstrip()


def duration(seconds: float) -> str:
    """Return a time for people."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"


def _size(number: float) -> str:
    return f"{number / 1e9:.2f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
