from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hub.inference import accelerators
from hub.inference.accelerators import ACCELERATORS, CUDA, ROCM, SYCL, VULKAN

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the folders are Linux's")


def place(root: Path, path: str, content: str = "") -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)


def test_a_machine_without_a_card_has_none(tmp_path: Path) -> None:
    assert accelerators.present(tmp_path) == ()


def test_an_nvidia_driver_means_cuda_first(tmp_path: Path) -> None:
    place(tmp_path, "proc/driver/nvidia/version", "NVRM version: 580")
    assert accelerators.present(tmp_path) == (CUDA,)


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [("0x10de\n", (CUDA, VULKAN)), ("0x1002\n", (VULKAN,)), ("0x8086\n", (SYCL, VULKAN))],
)
def test_a_card_is_known_by_its_maker(
    vendor: str, expected: tuple[accelerators.Accelerator, ...], tmp_path: Path
) -> None:
    place(tmp_path, "sys/class/drm/renderD128/device/vendor", vendor)
    assert accelerators.present(tmp_path) == expected


def test_the_amd_compute_device_means_rocm(tmp_path: Path) -> None:
    place(tmp_path, "dev/kfd")
    place(tmp_path, "sys/class/drm/renderD128/device/vendor", "0x1002\n")
    assert accelerators.present(tmp_path) == (ROCM, VULKAN)


def test_a_card_that_only_shows_pictures_is_none(tmp_path: Path) -> None:
    place(tmp_path, "sys/class/drm/card0/device/vendor", "0x1234\n")
    place(tmp_path, "sys/class/drm/renderD128/device/vendor", "0x1af4\n")
    assert accelerators.present(tmp_path) == ()


def test_a_processor_only_build_names_the_commands(tmp_path: Path) -> None:
    if accelerators.built():
        pytest.skip("llama.cpp is built for a graphics processor here")
    place(tmp_path, "proc/driver/nvidia/version")
    check = accelerators.gpu_offload(tmp_path)
    assert not check.possible
    assert "`CMAKE_ARGS=-DGGML_CUDA=on script/run`" in check.remedy
    assert "CMAKE_ARGS=-DGGML_CUDA=on pip install" in check.remedy
    assert "--no-cache-dir" in check.remedy  # pip would give the old build again
    assert "this machine has a graphics processor for CUDA" in check.reason


def test_the_command_fits_the_card(tmp_path: Path) -> None:
    if accelerators.built():
        pytest.skip("llama.cpp is built for a graphics processor here")
    place(tmp_path, "dev/kfd")
    assert "CMAKE_ARGS=-DGGML_HIP=on script/run" in str(accelerators.gpu_offload(tmp_path))


def test_a_build_is_known_by_its_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("libllama.so", "libggml.so", "libggml-base.so", "libggml-cpu-haswell.so", "libggml-cuda.so.1"):
        place(tmp_path, name)
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    assert accelerators.built() == {"cuda"}
    assert accelerators.gpu_offload(tmp_path).possible


def test_every_accelerator_says_how_it_is_built() -> None:
    for one in ACCELERATORS:
        assert one.definition.strip("'").startswith("-DGGML_")
        assert one.needs
