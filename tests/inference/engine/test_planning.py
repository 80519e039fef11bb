from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import msgspec
import pytest

from hub.errors import ModelUnavailable
from hub.inference import gguf

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no build to plan for")

from hub.inference.engine import hardware
from hub.inference.engine.allowance import Memory
from hub.inference.engine.hardware import Device, DeviceKind, Machine
from hub.inference.engine.planning import RunPlan, plan
from hub.inference.settings import CacheType, Choice, EngineSettings, LoadMode, SplitMode

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"
PLENTY = Memory(free=1 << 40, bound="the machine's free memory")


@pytest.fixture
def machine() -> Machine:
    real = hardware.machine()
    processors = tuple(device for device in real.devices if device.kind is DeviceKind.CPU)
    return replace(
        real,
        cores=8,
        physical_cores=4,
        gpu_offload=False,
        devices=processors,
        features=frozenset({"AVX2", "REPACK"}),
    )


def with_gpus(machine: Machine, *free: int) -> Machine:
    cards = [
        Device(name=f"CUDA{number}", description="A card", kind=DeviceKind.GPU, free=size, total=24 << 30)
        for number, size in enumerate(free)
    ]
    return replace(machine, gpu_offload=True, devices=(*machine.devices, *cards))


def planned(machine: Machine, free: Memory = PLENTY, **settings: object) -> RunPlan:
    chosen = msgspec.structs.replace(EngineSettings(calibrate=False), **settings)
    return plan(MODEL, chosen, machine=machine, free=free)


def test_every_setting_is_reported_with_its_reason(machine: Machine) -> None:
    made = planned(machine)
    names = {field.name for field in fields(RunPlan)} - {"report", "need"}
    assert set(made.report) == names
    for name in names:
        value, why = made.report[name]
        assert value == getattr(made, name)
        assert why


def test_the_rules_suit_a_processor(machine: Machine) -> None:
    made = planned(machine)
    assert (made.n_ctx, made.n_batch, made.n_ubatch) == (512, 512, 128)
    assert (made.threads, made.batch_threads) == (4, 4)
    assert not made.flash_attention
    assert not made.repack
    assert made.gpu_layers == 0
    assert "CMAKE_ARGS" in made.report["gpu_layers"][1]


def test_the_hub_keeps_a_core(machine: Machine) -> None:
    assert planned(replace(machine, cores=4)).threads == 3
    assert planned(replace(machine, cores=1, physical_cores=1)).threads == 1


def test_there_are_outputs_for_every_sequence(machine: Machine) -> None:
    assert planned(machine, sequences=100, batch=16).n_outputs >= 100 + EngineSettings().prefixes


def test_what_is_written_down_is_kept(machine: Machine, tmp_path: Path) -> None:
    settings = EngineSettings(
        threads=7,
        flash_attention=Choice.ON,
        repack=Choice.OFF,
        context=256,
        load_mode=LoadMode.READ,
        cache=str(tmp_path),
    )
    made = plan(MODEL, settings, machine=machine, free=PLENTY)
    assert (made.threads, made.batch_threads, made.flash_attention, made.repack) == (7, 7, True, False)
    assert (made.n_ctx, made.load_mode) == (256, LoadMode.READ)


def test_a_cache_folder_means_a_calibration(tmp_path: Path) -> None:
    settings = EngineSettings(cache=str(tmp_path), threads=1)
    made = plan(MODEL, settings)
    assert made.report["flash_attention"][1].startswith("measured")
    assert list(tmp_path.glob("calibration-*.json"))
    assert plan(MODEL, settings) == made


def test_without_a_folder_nothing_is_measured() -> None:
    assert not any("measured" in why for _, why in plan(MODEL, EngineSettings()).report.values())


def test_a_quantised_cache_turns_flash_attention_on(machine: Machine) -> None:
    assert planned(machine, cache_type=CacheType.Q8_0).flash_attention
    with pytest.raises(ModelUnavailable, match="flash_attention: auto"):
        planned(machine, cache_type=CacheType.Q8_0, flash_attention=Choice.OFF)


def test_a_context_beyond_the_training_is_said(machine: Machine) -> None:
    made = planned(machine, context=100_000)
    assert made.n_ctx == 512
    assert "trained for 512" in made.report["n_ctx"][1]


def test_repacking_that_does_nothing_is_refused_only_if_asked_for(machine: Machine) -> None:
    assert not planned(machine).repack
    with pytest.raises(ModelUnavailable, match="no quicker form of Q8_0"):
        planned(machine, repack=Choice.ON)


def test_weights_that_gain_are_repacked_where_they_fit(machine: Machine) -> None:
    arm = replace(machine, features=frozenset({"NEON", "DOTPROD", "REPACK"}))
    assert planned(arm).repack
    need = planned(arm).need
    tight = Memory(free=need.total - need.copied // 2, bound="the machine's free memory")
    assert planned(arm, tight).report["repack"] == (False, "a second copy of the weights does not fit in memory")


def test_what_does_not_fit_is_refused_before_loading(machine: Machine) -> None:
    with pytest.raises(ModelUnavailable, match=r"got 0.01 GB: the machine's free memory. Choose"):
        planned(machine, Memory(free=10_000_000, bound="the machine's free memory"))


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """The same model, told that it was trained for 8,192 tokens."""
    path = tmp_path / "long.gguf"
    data = MODEL.read_bytes()
    key = b"llama.context_length\x04\x00\x00\x00"
    place = data.index(key) + len(key)
    path.write_bytes(data[:place] + (8192).to_bytes(4, "little") + data[place + 4 :])
    return path


def test_a_context_that_nobody_asked_for_shrinks_to_what_fits(machine: Machine, long: Path) -> None:
    settings = EngineSettings(calibrate=False)
    whole = plan(long, settings, machine=machine, free=PLENTY)
    tight = Memory(free=whole.need.total - 1, bound="the machine's free memory")
    assert whole.n_ctx == 8192
    smaller = plan(long, settings, machine=machine, free=tight)
    assert smaller.report["n_ctx"] == (4096, "what fits in the free memory")
    with pytest.raises(ModelUnavailable, match="smaller context"):
        plan(long, EngineSettings(calibrate=False, context=8192), machine=machine, free=tight)


def test_a_missing_model_is_refused(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"none\.gguf"):
        plan(tmp_path / "none.gguf", EngineSettings(), machine=machine)


def test_layers_asked_for_need_a_build_that_can(machine: Machine) -> None:
    with pytest.raises(ModelUnavailable, match="CMAKE_ARGS"):
        planned(machine, gpu_layers=3)


def test_a_gpu_takes_everything_that_fits(machine: Machine) -> None:
    made = planned(with_gpus(machine, 20 << 30))
    assert (made.gpu_layers, made.flash_attention, made.n_ubatch) == (-1, True, 512)
    assert made.split_mode is SplitMode.NONE
    small = planned(with_gpus(machine, 12_000_000))
    assert 0 < small.gpu_layers < 7
    assert "of 7 layers fit" in small.report["gpu_layers"][1]
    none = planned(with_gpus(machine, 1000))
    assert none.gpu_layers == 0
    assert "0 of 7 layers fit" in none.report["gpu_layers"][1]


def test_more_layers_than_fit_are_refused_with_the_number_that_does(machine: Machine) -> None:
    small = with_gpus(machine, 12_000_000)
    fitting = planned(small).gpu_layers
    assert planned(small, gpu_layers=fitting).gpu_layers == fitting
    with pytest.raises(ModelUnavailable, match=rf"room for 7 layers: {fitting} of 7 .*layers: {fitting}}}"):
        planned(small, gpu_layers=7)
    assert planned(with_gpus(machine, 20 << 30), gpu_layers=99).gpu_layers == 99


def test_no_layers_are_offloaded_against_the_settings(machine: Machine) -> None:
    made = planned(with_gpus(machine, 20 << 30), gpu_layers=0)
    assert made.gpu_layers == 0
    assert not made.flash_attention


def test_several_gpus_share_as_told(machine: Machine) -> None:
    two = with_gpus(machine, 20 << 30, 10 << 30)
    made = planned(two, split_mode=SplitMode.ROW, tensor_split=(2.0, 1.0))
    assert (made.split_mode, made.tensor_split) == (SplitMode.ROW, (2.0, 1.0))
    with pytest.raises(ModelUnavailable, match="at most 2 shares"):
        planned(two, tensor_split=(1.0, 1.0, 1.0))
    with pytest.raises(ModelUnavailable, match="from 0 to 1, got 5"):
        planned(two, gpu_layers=2, gpu_device=5)
