"""What the user sees while a step works: one live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

PLAIN_INTERVAL_S = 10.0


class Progress:
    """One step of several: ``[2/6] Python packages ... 12 s``."""

    def __init__(self, number: int, total: int, title: str, takes: str) -> None:
        self._label = f"[{number}/{total}] {title}"
        self._live = sys.stdout.isatty()
        self._started = self._last_line = time.monotonic()
        self._say(f"{self._label} ({takes})")

    def tick(self, detail: str) -> None:
        """Show that work goes on. Call it often; it decides what is worth a line."""
        if self._live:
            self._say(f"{self._label}  {self._elapsed()}  {detail}")
        elif time.monotonic() - self._last_line >= PLAIN_INTERVAL_S:
            self._last_line = time.monotonic()
            self._say(f"      {self._elapsed()}  {detail}".rstrip())

    def done(self, note: str = "") -> None:
        self._finish(f"{self._label}  done in {self._elapsed()}{note and f' ({note})'}")

    def failed(self) -> None:
        self._finish(f"{self._label}  FAILED after {self._elapsed()}")

    def _finish(self, line: str) -> None:
        self._say(line)
        if self._live:
            print(flush=True)

    def _say(self, line: str) -> None:
        if not self._live:
            print(line, flush=True)
            return
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{line[:width]}", end="", flush=True)

    def _elapsed(self) -> str:
        seconds = round(time.monotonic() - self._started)
        return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
