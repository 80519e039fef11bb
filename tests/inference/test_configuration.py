from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.config.settings import load_settings
from hub.errors import ConfigError
from hub.inference import EngineSettings, InferenceSettings, ServerSettings
from hub.inference.configuration import CACHE_FOLDER, problems
from hub.inference.settings import CacheType, Choice, LoadMode, SplitMode

FOLDER = Path("/home/hub")
WHOLE = {
    "model": "mine", "context": 4096, "sequences": 4, "batch": 256, "queue": 10, "threads": 2, "flash_attention": False,
    "repack": "auto", "cache_type": "q8_0", "load_mode": "mlock", "memory": "6 GB", "niceness": 10, "prefixes": 2,
    "calibrate": False, "cache": False, "gpu": {"layers": 20, "device": 1, "split": "row", "shares": [3, 1]},
    "servers": [{"url": "http://box:8000", "model": "qwen", "token": "secret"}, {"url": "https://box/v1"}],
}  # fmt: skip


def parsed(value: dict[str, Any] | None) -> InferenceSettings:
    return InferenceSettings.parse(value, FOLDER)


def test_nothing_written_is_the_default_with_a_cache() -> None:
    default = InferenceSettings(engine=EngineSettings(cache=str(FOLDER / CACHE_FOLDER)))

    assert parsed(None) == parsed({}) == default


def test_everything_can_be_written() -> None:
    settings = parsed(WHOLE)

    assert settings.model == "mine"
    assert settings.servers == (
        ServerSettings(url="http://box:8000/v1", model="qwen", token="secret"),
        ServerSettings(url="https://box/v1"),
    )
    assert settings.engine == EngineSettings(
        context=4096, sequences=4, batch=256, queue=10, threads=2, flash_attention=Choice.OFF, repack=Choice.AUTO,
        cache_type=CacheType.Q8_0, load_mode=LoadMode.MLOCK, memory=6_000_000_000, niceness=10, prefixes=2,
        calibrate=False, cache=None, gpu_layers=20, gpu_device=1, split_mode=SplitMode.ROW, tensor_split=(3.0, 1.0),
    )  # fmt: skip
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"contxt": 1}, "inference: contxt: expected one of model, context, .*, got 'contxt'"),
        ({"context": "much"}, "inference: context: expected a whole number from 64 to 10000000, got 'much'"),
        ({"threads": True}, "inference: threads: expected a whole number from 1 to 1024, got True"),
        ({"memory": "6 parsecs"}, "inference: memory: expected a size such as 6 GB, got '6 parsecs'"),
        ({"memory": "1 kB"}, "inference: memory: expected at least 64 MB"),
        ({"cache_type": "f8"}, "inference: cache_type: expected one of f16, q8_0, q4_0, got 'f8'"),
        ({"flash_attention": 3}, "inference: flash_attention: expected auto, on or off, got 3"),
        ({"gpu": {"layer": 1}}, "inference: gpu: layer: expected one of layers, device, split, shares, got 'layer'"),
        ({"gpu": {"layers": -1}}, "inference: gpu: layers: expected a whole number from 0"),
        ({"gpu": None}, "inference: gpu: expected"),
        ({"servers": [{"model": "x"}]}, "inference: servers: 0: url: required"),
        ({"servers": [{"url": "box"}]}, "inference: servers: 0: url: Expected the address .*, got 'box'"),
        ({"servers": [{"url": "http://box", "key": 1}]}, "inference: servers: 0: key: expected one of url"),
    ],
)
def test_what_is_wrong_is_named_with_key_and_value(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(value)


@pytest.mark.parametrize(
    ("written", "size"), [("6 GB", 6_000_000_000), ("512MiB", 512 * 2**20), (10**9, 10**9), ("1.5 gb", 1_500_000_000)]
)
def test_sizes_are_written_as_people_write_them(written: object, size: int) -> None:
    assert parsed({"memory": written}).engine.memory == size


def test_problems_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "hearth.yaml").write_text("name: Home\ninference:\n  threads: 2\n  gpu:\n    layers: most\n")
    (problem,) = problems(load_settings(tmp_path).inference, tmp_path)

    assert "hearth.yaml:5" in str(problem)
    assert "'most'" in str(problem)


def test_a_model_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems({"model": "gone"}, tmp_path)

    assert "gone" in str(problem)
    assert "home-6m" in str(problem)
    assert not problems({"model": "home-6m"}, tmp_path)
