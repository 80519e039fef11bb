from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LEAST = {
    "en: model, right": 78.0,
    "en: both, right": 84.0,
    "zh-cn: model, right": 82.0,
    "zh-cn: both, right": 82.0,
}


def test_published_sentences_are_understood(corpus: Callable[[str], Path]) -> None:
    corpus("commands")
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama_cpp is not installed, so there is no local model to measure")
    command = [sys.executable, "-m", "benchmarks.commands", "--sample", "200", "--json"]
    root = Path(__file__).parents[2]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    figures = {row["name"]: row["value"] for row in map(json.loads, result.stdout.splitlines())}

    assert {name: figures[name] for name, least in LEAST.items() if figures[name] < least} == {}
