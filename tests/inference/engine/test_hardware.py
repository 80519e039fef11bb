from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import ModelUnavailable
from hub.inference import gguf

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no build to ask")

from hub.inference.engine import allowance, hardware
from hub.inference.engine.hardware import Device, DeviceKind, Machine
from hub.inference.settings import CacheType, SplitMode

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"


def gpu(name: str, kind: DeviceKind = DeviceKind.GPU) -> Device:
    return Device(name=name, description=f"Card {name}", kind=kind, free=20_000_000_000, total=24_000_000_000)


@pytest.fixture(scope="module")
def here() -> Machine:
    return hardware.machine()


@pytest.fixture
def without(here: Machine) -> Machine:
    return replace(here, gpu_offload=False, devices=tuple(one for one in here.devices if one.kind is DeviceKind.CPU))


@pytest.fixture
def with_two(without: Machine) -> Machine:
    return replace(without, gpu_offload=True, devices=(*without.devices, gpu("CUDA0"), gpu("CUDA1")))


def test_this_build_and_machine_are_described(here: Machine) -> None:
    assert here.library
    assert here.cores >= here.physical_cores >= 1
    processors = [device for device in here.devices if device.kind is DeviceKind.CPU]
    assert processors
    assert processors[0].total > 1_000_000_000
    assert here.features & {"AVX2", "NEON", "SSE3"}
    assert "CPU : SSE3" not in here.features


def test_a_processor_only_build_says_which_command_changes_that(without: Machine) -> None:
    check = hardware.gpu_offload(without)
    if without.gpu_offload == hardware.machine().gpu_offload:
        assert "CMAKE_ARGS=-DGGML_" in check.remedy
    assert not check.possible
    with pytest.raises(ModelUnavailable, match="script/run"):
        hardware.require(check)


def test_devices_are_listed_with_their_memory(with_two: Machine) -> None:
    check = hardware.gpu_offload(with_two)
    assert check.possible
    assert "1: Card CUDA1 (20.0 GB of 24.0 GB free)" in check.reason


def test_a_device_that_is_not_there_is_refused(with_two: Machine) -> None:
    check = hardware.gpu_offload(with_two, device=2)
    assert "from 0 to 1, got 2" in check.reason
    assert "Card CUDA0" in check.remedy


def test_a_build_for_gpus_without_one_names_the_driver(without: Machine) -> None:
    assert "driver" in hardware.gpu_offload(replace(without, gpu_offload=True)).remedy


def test_an_integrated_gpu_counts_only_alone(without: Machine) -> None:
    integrated = gpu("Vulkan0", DeviceKind.INTEGRATED)
    both = replace(without, gpu_offload=True, devices=(integrated, gpu("CUDA0")))
    assert [one.name for one in both.gpus] == ["CUDA0"]
    assert [one.name for one in replace(both, devices=(integrated,)).gpus] == ["Vulkan0"]


def test_dividing_needs_several_gpus(without: Machine, with_two: Machine) -> None:
    assert not hardware.split(without, SplitMode.LAYER).possible
    assert hardware.split(with_two, SplitMode.ROW).possible
    vulkan = replace(with_two, devices=(gpu("Vulkan0"), gpu("Vulkan1")))
    assert hardware.split(vulkan, SplitMode.LAYER).possible
    assert hardware.split(vulkan, SplitMode.ROW).remedy == "Divide by layers"


def test_a_quantised_cache_says_its_price(without: Machine) -> None:
    check = hardware.cache_type(without, CacheType.Q8_0, gguf.read(MODEL))
    assert check.possible
    assert "slower" in check.reason


def test_a_quantised_cache_needs_heads_of_whole_blocks(without: Machine) -> None:
    header = gguf.read(MODEL)
    odd = replace(header, metadata={**header.metadata, "llama.attention.key_length": 80})
    assert "multiple of 32" in hardware.cache_type(without, CacheType.Q4_0, odd).reason
    assert hardware.cache_type(without, CacheType.F16, odd).possible


def test_flash_attention_is_for_models_that_have_it(without: Machine) -> None:
    header = gguf.read(MODEL)
    grok = replace(header, metadata={**header.metadata, "general.architecture": "grok"})
    assert hardware.flash_attention(without, header).possible
    assert not hardware.flash_attention(without, grok).possible
    assert "needs flash attention" in hardware.cache_type(without, CacheType.Q8_0, grok).reason


def test_pinning_says_how_to_raise_the_limit(without: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "pinnable", lambda: 65536)
    check = hardware.mlock(without, gguf.read(MODEL))
    assert not check.possible
    assert "LimitMEMLOCK=infinity" in check.remedy


@pytest.mark.parametrize(
    ("features", "types"),
    [
        ({"AVX2", "REPACK"}, {"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}),
        ({"AVX2", "AVX512", "REPACK"}, {"Q4_0", "Q4_K", "IQ4_NL", "MXFP4", "Q2_K"}),
        ({"NEON", "DOTPROD", "REPACK"}, {"Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "MXFP4", "Q8_0"}),
        ({"AVX2"}, set()),
        ({"SSE3", "REPACK"}, set()),
    ],
)
def test_what_is_repacked_depends_on_the_processor(features: set[str], types: set[str]) -> None:
    assert hardware.repackable(frozenset(features)) == types


def test_every_check_says_why(here: Machine) -> None:
    for check in hardware.checks(here, gguf.read(MODEL)):
        assert check.reason, check.name
