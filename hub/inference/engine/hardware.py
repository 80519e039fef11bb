"""What the llama.cpp at hand and this machine can do together. Only the worker process imports this."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import llama_cpp as llama
from llama_cpp._ggml import libggml

from hub.errors import ModelUnavailable
from hub.inference import accelerators
from hub.inference.accelerators import Check
from hub.inference.engine import allowance, native
from hub.inference.gguf import Header
from hub.inference.settings import CacheType, SplitMode

_ROOT = Path("/")
_KEY_BLOCK = 32
_NO_FLASH_ATTENTION = frozenset({"grok"})
_ROW_SPLITTERS = ("CUDA", "ROCm", "SYCL")


class DeviceKind(IntEnum):
    """ggml's kinds of devices."""

    CPU = 0
    GPU = 1
    INTEGRATED = 2
    ACCELERATOR = 3
    META = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that ggml computes on; memory in bytes."""

    name: str
    description: str
    kind: DeviceKind
    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """This machine with this build of llama.cpp. ``features`` are the processor's that the build uses."""

    library: str
    processor: str
    features: frozenset[str]
    cores: int
    physical_cores: int
    mmap: bool
    mlock: bool
    gpu_offload: bool
    rpc: bool
    devices: tuple[Device, ...]

    @property
    def gpus(self) -> tuple[Device, ...]:
        """What layers can be offloaded to, as llama.cpp numbers them: integrated ones only where there is no other."""
        if not self.gpu_offload:
            return ()
        own = tuple(device for device in self.devices if device.kind is DeviceKind.GPU)
        return own or tuple(device for device in self.devices if device.kind is DeviceKind.INTEGRATED)


def machine(root: Path = _ROOT) -> Machine:
    """Look at the machine and at the library."""
    native.start()
    cores = allowance.usable_cores(root)
    return Machine(
        library=llama.__version__,
        processor=allowance.processor(root),
        features=_features(),
        cores=cores,
        physical_cores=min(cores, allowance.physical_cores(root) or cores),
        mmap=bool(llama.llama_supports_mmap()),
        mlock=bool(llama.llama_supports_mlock()),
        gpu_offload=bool(llama.llama_supports_gpu_offload()),
        rpc=bool(llama.llama_supports_rpc()),
        devices=_devices(),
    )


def checks(at: Machine, header: Header | None = None) -> tuple[Check, ...]:
    """Say of each thing that hardware decides whether it can be done here, and for this model if one is given."""
    return (
        gpu_offload(at),
        split(at, SplitMode.LAYER),
        split(at, SplitMode.ROW),
        flash_attention(at, header),
        *(cache_type(at, kind, header) for kind in (CacheType.Q8_0, CacheType.Q4_0)),
        mmap(at),
        mlock(at, header),
        repack(at, header),
    )


def gpu_offload(at: Machine, device: int = 0) -> Check:
    """Whether layers can go to a graphics processor, and to this one."""
    name = "gpu_offload"
    if not at.gpu_offload:
        known = accelerators.gpu_offload()
        if not known.possible:
            return known
        return Check(
            name=name, possible=False, reason=f"{known.reason}, but finds no device", remedy="Look at the driver"
        )
    if not at.gpus:
        return Check(
            name=name,
            possible=False,
            reason="This llama.cpp is built for graphics processors, but finds none",
            remedy="Look at the driver and at the user's rights to the device (groups video and render; docker --gpus)",
        )
    listed = ", ".join(
        f"{n}: {one.description} ({_gb(one.free)} of {_gb(one.total)} free)" for n, one in enumerate(at.gpus)
    )
    if device not in range(len(at.gpus)):
        return Check(
            name=name,
            possible=False,
            reason=f"Expected a device from 0 to {len(at.gpus) - 1}, got {device}",
            remedy=f"There are {listed}",
        )
    return Check(name=name, possible=True, reason=f"Layers can go to {listed}")


def split(at: Machine, mode: SplitMode) -> Check:
    """Whether a model can be divided between several graphics processors in this way."""
    name = f"split_{mode}"
    if len(at.gpus) < 2:
        reason = f"Dividing a model by {mode} needs several graphics processors, there are {len(at.gpus)}"
        return Check(name=name, possible=mode is SplitMode.NONE, reason=reason)
    if mode is SplitMode.ROW and not at.gpus[0].name.startswith(_ROW_SPLITTERS):
        reason = f"Dividing a model by rows is for {', '.join(_ROW_SPLITTERS)}; here is {at.gpus[0].name}"
        return Check(name=name, possible=False, reason=reason, remedy="Divide by layers")
    return Check(name=name, possible=True, reason=f"{len(at.gpus)} graphics processors share a model by {mode}")


def flash_attention(at: Machine, header: Header | None = None) -> Check:
    """Whether attention can be computed in one piece, and whether that is quicker here."""
    name = "flash_attention"
    if header is not None and header.architecture in _NO_FLASH_ATTENTION:
        return Check(name=name, possible=False, reason=f"llama.cpp has no flash attention for {header.architecture}")
    if at.gpus:
        return Check(name=name, possible=True, reason="Flash attention is quicker on a graphics processor")
    reason = "Flash attention works; on a processor it is slower for the few rows of answers, and saves memory"
    return Check(name=name, possible=True, reason=reason)


def cache_type(at: Machine, kind: CacheType, header: Header | None = None) -> Check:
    """Whether keys and values can be kept in this form."""
    name = f"cache_{kind}"
    if kind is CacheType.F16:
        return Check(name=name, possible=True, reason="Keys and values are kept in 16 bits")
    attention = flash_attention(at, header)
    if not attention.possible:
        return Check(name=name, possible=False, reason=f"A {kind} cache needs flash attention. {attention.reason}")
    for size in _head_sizes(header):
        if size % _KEY_BLOCK:
            reason = (
                f"A {kind} cache needs attention heads of a multiple of {_KEY_BLOCK} numbers, this model's have {size}"
            )
            return Check(name=name, possible=False, reason=reason, remedy="Set cache_type: f16")
    reason = f"A {kind} cache works with flash attention" + (
        "" if at.gpus else "; on a processor it is 20 to 30 % slower"
    )
    return Check(name=name, possible=True, reason=reason)


def mmap(at: Machine) -> Check:
    """Whether a model file can be mapped instead of read."""
    reason = "Model files can be mapped" if at.mmap else "This system cannot map files"
    return Check(name="mmap", possible=at.mmap, reason=reason, remedy="" if at.mmap else "Set load_mode: read")


def mlock(at: Machine, header: Header | None = None) -> Check:
    """Whether a model's weights can be kept from swapping."""
    most, needed = allowance.pinnable(), header.weights if header else 1
    if not at.mlock:
        return Check(name="mlock", possible=False, reason="This system cannot pin memory", remedy="Set load_mode: mmap")
    if most is not None and most < needed:
        return Check(
            name="mlock",
            possible=False,
            reason=f"Pinning needs {_gb(needed)}, this user may pin {_gb(most)}",
            remedy="Raise the limit (ulimit -l unlimited; LimitMEMLOCK=infinity in systemd; docker --ulimit memlock=-1)",
        )
    reason = "Memory can be pinned" + ("" if most is None else f", up to {_gb(most)}")
    return Check(name="mlock", possible=True, reason=reason)


def repack(at: Machine, header: Header | None = None) -> Check:
    """Whether this processor has a quicker form for weights of this model's types."""
    types = repackable(at.features)
    if header is not None and not types & {tensor.type for tensor in header.tensors}:
        reason = f"llama.cpp has no quicker form of {header.file_type} weights for this processor"
        return Check(name="repack", possible=False, reason=reason)
    return Check(name="repack", possible=bool(types), reason=f"Quicker forms: {', '.join(sorted(types)) or 'none'}")


def repackable(features: frozenset[str]) -> frozenset[str]:
    """Return the types of weights that llama.cpp turns into another form on such a processor (its repack.cpp and amx.cpp)."""
    types: set[str] = set()
    if "AVX2" in features:
        types |= {"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}
    if "AVX512" in features:
        types.add("Q2_K")
    if "AMX_INT8" in features:
        types |= {"Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"}
    if "NEON" in features and features & {"DOTPROD", "MATMUL_INT8"}:
        types |= {"Q4_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "MXFP4", "Q8_0"}
    if "RISCV_V" in features:
        types |= {"Q4_0", "Q4_K", "Q2_K", "IQ4_NL", "Q8_0"}
    return frozenset(types) if "REPACK" in features or "AMX_INT8" in features else frozenset()


def require(check: Check) -> None:
    """Raise ModelUnavailable, with the remedy, if something cannot be done here."""
    if not check.possible:
        raise ModelUnavailable(str(check))


def _head_sizes(header: Header | None) -> list[int]:
    if header is None:
        return []
    heads = header.number("attention.head_count") or 1
    usual = (header.number("embedding_length") or 0) // heads
    sizes = [header.number(f"attention.{part}_length") or usual for part in ("key", "value")]
    return [size for size in sizes if size]


def _features() -> frozenset[str]:
    """Return the flags of the line that llama.cpp prints of itself: ``CPU : AVX2 = 1 | REPACK = 1 | ...``."""
    line = llama.llama_print_system_info().decode(errors="replace")
    flags = (part.rpartition(":")[2].partition("=") for part in line.split("|"))
    return frozenset(name.strip() for name, _, value in flags if value.strip() not in {"", "0"})


def _devices() -> tuple[Device, ...]:
    """Ask ggml, whose functions llama-cpp-python loads but does not bind."""
    get = _function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    count = _function("ggml_backend_dev_count", ctypes.c_size_t)
    return tuple(_device(ctypes.c_void_p(get(index))) for index in range(count()))


def _device(handle: ctypes.c_void_p) -> Device:
    name = _function("ggml_backend_dev_name", ctypes.c_char_p, ctypes.c_void_p)
    description = _function("ggml_backend_dev_description", ctypes.c_char_p, ctypes.c_void_p)
    kind = _function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)
    pointer = ctypes.POINTER(ctypes.c_size_t)
    memory = _function("ggml_backend_dev_memory", None, ctypes.c_void_p, pointer, pointer)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    memory(handle, ctypes.byref(free), ctypes.byref(total))
    return Device(
        name=name(handle).decode(),
        description=description(handle).decode(errors="replace"),
        kind=DeviceKind(kind(handle)),
        free=free.value,
        total=total.value,
    )


def _function(name: str, result: type | None, *arguments: type) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(libggml, name)
    function.restype, function.argtypes = result, arguments  # type: ignore[attr-defined]
    return function


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
