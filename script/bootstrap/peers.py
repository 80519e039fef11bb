"""python script peers: real programs of others, for the tests and benchmarks that talk to them or run beside them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.environment import ENVIRONMENT, OFFLINE
from bootstrap.job import Job
from bootstrap.llama_server import LLAMA_SERVER
from bootstrap.paths import BUILD, REQUIREMENTS, VENV
from bootstrap.setup import prepare
from bootstrap.step import Step

HELP = """\
python3 script peers [NAME ...]

Installs real programs of others into .build/peers, for the tests and benchmarks that talk to them. Each has an
environment of its own; nothing of it is in the hub's. Without a name it installs the first.

  home-assistant         2024.3.3, which Hearth's benchmarks compare with; Python 3.11 or 3.12; 350 MB
  home-assistant-2026    2026.2.3; Python 3.13 or newer; 550 MB
  llama-server           built from the source of the locked llama-cpp-python; needs a C++ compiler; 5 to 10 minutes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeAssistant:
    """A release of Home Assistant. ``python`` is what it runs on, ``claims`` what it asks for beyond that."""

    name: str
    python: str
    claims: str
    takes: str

    @property
    def lock(self) -> Path:
        """What is installed."""
        return REQUIREMENTS / f"peer-{self.name}.txt"

    @property
    def folder(self) -> Path:
        """Its environment."""
        return BUILD / "peers" / self.name

    def step(self) -> Step:
        """Return the step that installs it."""
        return Step(
            name=f"peer-{self.name}",
            title="Home Assistant, to test against",
            takes=self.takes,
            inputs=lambda: [self.lock],
            products=(self.folder / "bin" / "hass",),
            stamps=BUILD / "stamps",
            work=self._install,
            remedy=f"{OFFLINE}\nIt needs a Python {self.python}.",
        )

    def _install(self, job: Job) -> None:
        uv, python = VENV / "bin" / "uv", self.folder / "bin" / "python"
        job.run(uv, "venv", "--clear", "--python", self.python, self.folder)
        # Some systems have a Python a few bug fixes older than Home Assistant asks for, and it runs there all the same.
        exactly = ("--require-hashes", "--no-deps", "--python-version", self.claims)
        job.run(uv, "pip", "install", "--python", python, *exactly, "-r", self.lock)


PEERS = (
    HomeAssistant(name="home-assistant", python=">=3.11,<3.13", claims="3.11.0", takes="up to a minute; 350 MB"),
    HomeAssistant(
        name="home-assistant-2026", python=">=3.13,<3.15", claims="3.13.2", takes="one or two minutes; 550 MB"
    ),
)


def main(arguments: Sequence[str]) -> int:
    known = {**{peer.name: peer.step() for peer in PEERS}, "llama-server": LLAMA_SERVER}
    names = arguments or list(known)[:1]
    if unknown := [name for name in names if name not in known]:
        print(f"Expected some of {', '.join(known)}, got {', '.join(unknown)}", file=sys.stderr)
        return 2
    prepare([ENVIRONMENT, *(known[name] for name in names)])
    return 0
