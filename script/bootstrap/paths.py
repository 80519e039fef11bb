"""Where things are: the repository, and what the scripts make in it (all of it ignored by git)."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD = ROOT / ".build"  # logs, stamps, tools that only building needs
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "hub" / "server" / "static"
REQUIREMENTS = ROOT / "requirements"


def user_cache() -> Path:
    """Return the folder in which built things are kept for the next checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hearth"


def integrations() -> list[Path]:
    """Return the folders of the integrations; ``_template`` is none, but what new ones are made of."""
    return sorted(file.parent for file in ROOT.glob("integrations/[!_]*/pyproject.toml"))
