"""Graphics processors: whose is in this machine, and how llama.cpp is built for it. Nothing here loads llama.cpp."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_VERSION = "0.3.36"
_LIBRARY = re.compile(r"ggml-([a-z]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """A way to compute on graphics processors. ``library`` is ``libggml-<library>``, ``needs`` what the build needs."""

    title: str
    library: str
    definition: str
    needs: str
    traces: tuple[str, ...] = ()
    vendor_ids: tuple[str, ...] = ()

    @property
    def checkout_command(self) -> str:
        """What makes such a build in a checkout of Hearth."""
        return f"CMAKE_ARGS={self.definition} script/run"

    @property
    def pip_command(self) -> str:
        """What makes such a build where Hearth was installed with pip."""
        return (
            f"CMAKE_ARGS={self.definition} pip install --force-reinstall --no-deps --no-cache-dir "
            f"--no-binary llama-cpp-python llama-cpp-python=={_VERSION}"
        )


CUDA = Accelerator(
    title="CUDA",
    library="cuda",
    definition="-DGGML_CUDA=on",
    needs="NVIDIA's CUDA toolkit (nvcc)",
    traces=("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"),
    vendor_ids=("0x10de",),
)
ROCM = Accelerator(
    title="ROCm",
    library="hip",
    definition="-DGGML_HIP=on",
    needs="AMD's ROCm with hipBLAS",
    traces=("/dev/kfd",),
)
SYCL = Accelerator(
    title="SYCL",
    library="sycl",
    definition="'-DGGML_SYCL=on -DCMAKE_C_COMPILER=icx -DCMAKE_CXX_COMPILER=icpx'",
    needs="Intel's oneAPI compiler and libraries",
    vendor_ids=("0x8086",),
)
VULKAN = Accelerator(
    title="Vulkan",
    library="vulkan",
    definition="-DGGML_VULKAN=on",
    needs="the Vulkan headers and loader, and glslc",
    vendor_ids=("0x1002", "0x8086", "0x10de"),
)
METAL = Accelerator(
    title="Metal",
    library="metal",
    definition="-DGGML_METAL=on",
    needs="Apple's command line tools",
)

ACCELERATORS = (CUDA, ROCM, METAL, SYCL, VULKAN)
"""In the order in which they are recommended where several would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Whether something can be done here, ``reason`` in words, and what would make it possible."""

    name: str
    possible: bool
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason}. {self.remedy}" if self.remedy else self.reason


def present(root: Path = Path("/")) -> tuple[Accelerator, ...]:
    """Return the accelerators whose hardware is in this machine, best first, as far as the system shows it."""
    if sys.platform == "darwin":
        return (METAL,) if platform.machine() == "arm64" else ()
    cards = _vendor_ids(root)
    return tuple(one for one in ACCELERATORS if _is_present(one, root, cards))


def built() -> frozenset[str]:
    """Return the libraries of accelerators that the installed llama.cpp has, such as ``cuda``."""
    folder = _library_folder()
    if folder is None or not folder.is_dir():
        return frozenset()
    libraries = (_LIBRARY.search(file.name) for file in folder.iterdir())
    return frozenset(library[1] for library in libraries if library) & {one.library for one in ACCELERATORS}


def gpu_offload(root: Path = Path("/")) -> Check:
    """Say whether layers can go to a graphics processor, and if not, which command changes that."""
    found, libraries = present(root), built()
    if not _installed():
        return Check(
            name="gpu_offload",
            possible=False,
            reason="llama.cpp is not installed",
            remedy=_remedy(found[0] if found else CUDA),
        )
    usable = [one for one in ACCELERATORS if one.library in libraries]
    if usable:
        return Check(name="gpu_offload", possible=True, reason=f"This llama.cpp is built for {_titles(usable)}")
    seen = f"this machine has a graphics processor for {_titles(found)}" if found else "no graphics processor was found"
    return Check(
        name="gpu_offload",
        possible=False,
        reason=f"This llama.cpp is built for processors only; {seen}",
        remedy=_remedy(found[0] if found else CUDA),
    )


def _remedy(one: Accelerator) -> str:
    return (
        f"For a {one.title} build, with {one.needs} installed: `{one.checkout_command}` in a checkout, "
        f"or `{one.pip_command}`"
    )


def _titles(several: tuple[Accelerator, ...] | list[Accelerator]) -> str:
    return " or ".join(one.title for one in several)


def _is_present(one: Accelerator, root: Path, cards: frozenset[str]) -> bool:
    if cards & set(one.vendor_ids):
        return True
    return any((root / trace.lstrip("/")).exists() for trace in one.traces)


def _vendor_ids(root: Path) -> frozenset[str]:
    """Return the makers' numbers of the cards that can compute; a plain frame buffer cannot."""
    ids = set()
    for vendor in root.glob("sys/class/drm/renderD*/device/vendor"):
        ids.add(vendor.read_text(errors="replace").strip())
    return frozenset(ids)


def _installed() -> bool:
    return importlib.util.find_spec("llama_cpp") is not None


def _library_folder() -> Path | None:
    elsewhere = os.environ.get("LLAMA_CPP_LIB_PATH")
    if elsewhere:
        return Path(elsewhere)
    spec = importlib.util.find_spec("llama_cpp")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / "lib" if folders else None
