"""The steps that make .venv: Python, uv, the locked packages, and this repository's own, editable."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from bootstrap.job import Job
from bootstrap.paths import PYTHON, REQUIREMENTS, ROOT, VENV, integrations
from bootstrap.step import Step

STAMPS = VENV / "hearth"
OFFLINE = "Check that this machine reaches a Python package index, then run this again."


def install(job: Job, *arguments: str | Path, **environment: str) -> None:
    """Install into .venv with uv."""
    job.run(VENV / "bin" / "uv", "pip", "install", "--python", PYTHON, *arguments, **environment)


def install_locked(job: Job, lock: str, *arguments: str | Path) -> None:
    install(job, "--require-hashes", "-r", REQUIREMENTS / lock, *arguments)


def _make_venv(job: Job) -> None:
    """Make it from nothing: it is missing, was moved, or belongs to another uv. The packages come from uv's cache."""
    if importlib.util.find_spec("ensurepip") is None:
        _install_ensurepip(job)
    # Not sys.executable: this process may run in the very .venv that is replaced.
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    job.run(python if python.exists() else sys.executable, "-m", "venv", "--clear", VENV)
    pip = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check")
    job.run(*pip, "--require-hashes", "-r", REQUIREMENTS / "uv.txt")


def _install_ensurepip(job: Job) -> None:
    """Debian keeps `python -m venv` apart, in a package of its own."""
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        message = f"Expected a Python that can make virtual environments, got {sys.executable} without ensurepip"
        raise job.failure(message, f"sudo apt install {package}   (or your system's package of that kind)")
    job.run("apt-get", "update", "-q")
    job.run("apt-get", "install", "-y", "-q", package, DEBIAN_FRONTEND="noninteractive")


def _install_workspace(job: Job) -> None:
    """No isolation: hatchling comes from the lock. The dashboard is a step of its own."""
    members = [part for folder in (ROOT, *integrations()) for part in ("--editable", str(folder))]
    install(job, "--no-deps", "--no-build-isolation", *members, HEARTH_DASHBOARD="skip")


def _workspace_inputs() -> Iterable[Path]:
    return [ROOT / "pyproject.toml", *(folder / "pyproject.toml" for folder in integrations())]


ENVIRONMENT = Step(
    name="environment",
    title="Python environment with uv in .venv",
    takes="about 10 seconds",
    inputs=lambda: [REQUIREMENTS / "uv.txt", str(VENV)],
    products=(PYTHON, VENV / "bin" / "uv"),
    stamps=STAMPS,
    work=_make_venv,
    remedy=OFFLINE,
)
PACKAGES = Step(
    name="packages",
    title="Python packages the hub needs",
    takes="up to a minute",
    inputs=lambda: [REQUIREMENTS / "run.txt"],
    products=(PYTHON,),
    stamps=STAMPS,
    work=lambda job: install_locked(job, "run.txt"),
    remedy=OFFLINE,
)
DEV_PACKAGES = Step(
    name="dev-packages",
    title="Python packages for tests and checks",
    takes="up to a minute",
    inputs=lambda: [REQUIREMENTS / "dev.txt"],
    products=(PYTHON,),
    stamps=STAMPS,
    work=lambda job: install_locked(job, "dev.txt"),
    remedy=OFFLINE,
)
WORKSPACE = Step(
    name="workspace",
    title="Hearth and its integrations",
    takes="a few seconds",
    inputs=_workspace_inputs,
    products=(VENV / "bin" / "hearth",),
    stamps=STAMPS,
    work=_install_workspace,
    remedy="The log names the pyproject.toml that is wrong.",
)
