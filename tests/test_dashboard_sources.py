"""The dashboard's own tests, so that one command runs every test there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NODE = ROOT / ".build" / "node"


@pytest.mark.skipif(not NODE.exists(), reason="node is not there yet: script/test brings it")
def test_the_dashboards_own_tests_pass() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "hatch_build.py", "test"],
        env={**os.environ, "PYTHONPATH": str(NODE), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
