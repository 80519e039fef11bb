"""Runs Home Assistant, by the Python of its own environment, without what only its own frontend needs.

``python launch.py <folder>``. It ends when its standard input is closed: with whoever started it, whatever ends them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(folder: str) -> int:
    """Run what the configuration names, and no more: no frontend, no analytics, no look around on the network."""
    bootstrap: Any = import_module("homeassistant.bootstrap")
    program: Any = import_module("homeassistant.__main__")
    bootstrap.DEFAULT_INTEGRATIONS = set()
    bootstrap.CRITICAL_INTEGRATIONS = {"http"}
    program.REQUIRED_PYTHON_VER = sys.version_info[:2]  # it asks for a bug-fix release that some systems do not have
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    sys.argv = ["hass", "--config", folder, "--skip-pip", "--log-no-color"]
    return int(program.main())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
