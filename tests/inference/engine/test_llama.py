from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is nothing to load")

from hub.inference import gguf
from hub.inference.engine import hardware
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.planning import plan
from hub.inference.settings import EngineSettings, LoadMode

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"


def pinned() -> int:
    """The bytes of this process that the system may not swap."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmLck"))


def mapped(path: Path) -> bool:
    """Whether this process has pages of a file."""
    return str(path) in Path("/proc/self/maps").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_weights_that_are_to_stay_are_mapped_and_pinned() -> None:
    header = gguf.read(MODEL)
    check = hardware.mlock(hardware.machine(), header)
    if not check.possible:
        pytest.skip(str(check))
    settings = EngineSettings(calibrate=False, load_mode=LoadMode.MLOCK)
    before = pinned()
    model = LoadedModel(MODEL, plan(MODEL, settings))
    try:
        assert pinned() - before >= header.weights * 0.95
        assert mapped(MODEL)
    finally:
        model.close()
    assert pinned() == before
