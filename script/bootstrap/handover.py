"""Become another program: it gets the terminal, the signals and the exit status, and no process stays in between."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn


def become(program: Path, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.execv(program, [str(program), *arguments])
