"""script/bench: run one benchmark."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from bootstrap.handover import become
from bootstrap.paths import PYTHON, ROOT
from bootstrap.setup import TO_DEVELOP, prepare

HELP = """\
script/bench [NAME] [--json] [options of the benchmark]

Sets Hearth up in this folder, then runs benchmarks/NAME.py. Without a name it lists them.

  script/bench events                 a table to read
  script/bench events --json          one JSON object to keep"""

FOLDER = ROOT / "benchmarks"


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        return _list()
    if arguments[0] not in {file.stem for file in _all()}:
        print(f"Expected the name of a benchmark, got {arguments[0]!r}. `script/bench` lists them.", file=sys.stderr)
        return 2
    prepare(TO_DEVELOP)
    return become(PYTHON, "-m", f"benchmarks.{arguments[0]}", *arguments[1:])


def _list() -> int:
    for file in _all():
        told = ast.get_docstring(ast.parse(file.read_text())) or ""
        print(f"{file.stem:20} {told.partition(chr(10))[0]}")
    return 0


def _all() -> list[Path]:
    """Return what can be run; the rest of the folder is what benchmarks share."""
    return sorted(file for file in FOLDER.glob("*.py") if "__main__" in file.read_text())
