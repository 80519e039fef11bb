"""script/check: everything that is checked without running the hub."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.dashboard import node_environment, npm
from bootstrap.paths import PYTHON, ROOT, VENV, integrations
from bootstrap.setup import TO_DEVELOP, prepare

HELP = """\
script/check [--fix] [NAME ...]

Sets Hearth up in this folder, then checks it: format, lint, types, imports, docs, dashboard.
All run, also after one failed; the exit status tells whether all passed.

  script/check                        everything
  script/check lint types             these alone
  script/check --fix                  format and correct first what can be corrected without a thought"""

TOOLS = VENV / "bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A command that ends with status 0 if all is well."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        print(f"{self.name:24}", end="", flush=True)
        started = time.monotonic()
        environment = {**os.environ, **self.environment}
        result = subprocess.run(
            self.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"{'FAILED' if result.returncode else 'ok'}  {time.monotonic() - started:.1f} s", flush=True)
        if result.returncode:
            print(f"{result.stdout}{result.stderr}", flush=True)
        return result.returncode == 0


def main(arguments: Sequence[str]) -> int:
    names = [word for word in arguments if word != "--fix"]
    checks = [check for check in _checks() if not names or check.name.split()[0] in names]
    if not checks:
        known = ", ".join(dict.fromkeys(check.name.split()[0] for check in _checks()))
        print(f"Expected some of {known}, got {' '.join(names)}", file=sys.stderr)
        return 2
    prepare(TO_DEVELOP)
    if "--fix" in arguments:
        _fix()
    failed = [check.name for check in checks if not check.passes()]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _fix() -> None:
    subprocess.run([TOOLS / "ruff", "check", "--fix", "--quiet", "."], cwd=ROOT, check=False)
    subprocess.run([TOOLS / "ruff", "format", "--quiet", "."], cwd=ROOT, check=True)


def _checks() -> list[Check]:
    return [
        Check(name="format", command=[TOOLS / "ruff", "format", "--check", "."]),
        Check(name="lint", command=[TOOLS / "ruff", "check", "."]),
        Check(name="types", command=[TOOLS / "mypy", *_typed()]),
        *_integration_types(),
        Check(name="imports", command=[TOOLS / "lint-imports"]),
        *_docs(),
        Check(name="dashboard", command=npm("run", "check"), environment=node_environment()),
    ]


def _typed() -> list[Path]:
    """Return what mypy names by path. Integrations are named as packages, apart: their tests share names."""
    wanted = [
        Path("hub"),
        Path("tests"),
        Path("script"),
        Path("benchmarks"),
        Path("conftest.py"),
        Path("hatch_build.py"),
    ]
    return [path for path in wanted if (ROOT / path).exists()] + sorted(
        path.relative_to(ROOT) for path in ROOT.glob("integrations/[!_]*/tests") if any(path.rglob("*.py"))
    )


def _integration_types() -> list[Check]:
    packages = [f"hearth_{folder.name}" for folder in integrations()]
    path = os.pathsep.join(str(folder) for folder in integrations())
    command: list[str | Path] = [TOOLS / "mypy", *(word for name in packages for word in ("-p", name))]
    return [Check(name="types (integrations)", command=command, environment={"MYPYPATH": path})] if packages else []


def _docs() -> list[Check]:
    if not (ROOT / "hub" / "cli" / "docs.py").exists():
        return []
    return [Check(name="docs", command=[PYTHON, "-m", "hub.cli.docs", "--check"])]
