"""What this process may use of the machine: processors and memory, within its control groups and limits."""

from __future__ import annotations

import math
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/")
_CGROUPS = Path("sys/fs/cgroup")
_UNLIMITED = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes that are free for this process, and what sets the bound."""

    free: int
    bound: str


def free_memory(root: Path = _ROOT) -> Memory:
    """Return what can still be allocated: the machine's free memory or a control group's, whichever is less.

    Pages of files count as free: the system gives them up.
    """
    most = [_machine_memory(root), *_group_memory(root)]
    return min(most, key=lambda memory: memory.free)


def usable_cores(root: Path = _ROOT) -> int:
    """Return the processors that this process may use: its affinity, and its control group's quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([cores, *(math.floor(quota) for quota in _quotas(root))]))


def physical_cores(root: Path = _ROOT) -> int | None:
    """Return the cores of the machine, where two threads that share one count once; None if the system does not say."""
    pairs = root.glob("sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list")
    return len({_read(pair) for pair in pairs}) or None


def idle_machine() -> bool:
    """Whether less than half of one processor was busy during the last minute."""
    return os.getloadavg()[0] < 0.5


def pinnable() -> int | None:
    """Return the bytes that may be kept from swapping; None is no limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return None if soft == resource.RLIM_INFINITY or os.geteuid() == 0 else soft


def processor(root: Path = _ROOT) -> str:
    """Return the processor's model, as the system calls it."""
    for line in (_read(root / "proc/cpuinfo") or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() in {"model name", "Model", "Hardware"}:
            return value.strip()
    return os.uname().machine


def _machine_memory(root: Path) -> Memory:
    for line in (_read(root / "proc/meminfo") or "").splitlines():
        if line.startswith("MemAvailable:"):
            return Memory(free=int(line.split()[1]) << 10, bound="the machine's free memory")
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Memory(free=installed, bound=f"the installed memory ({sys.platform} does not say how much is free)")


def _group_memory(root: Path) -> Iterator[Memory]:
    for folder in _groups(root, "memory"):
        limit = _number(folder / "memory.max") or _number(folder / "memory.limit_in_bytes")
        used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes")
        if limit and limit < _UNLIMITED:
            free = max(0, limit - (used or 0) + _file_pages(folder))
            yield Memory(free=min(limit, free), bound="the limit of the control group (container or service)")


def _file_pages(folder: Path) -> int:
    pairs = (line.split() for line in (_read(folder / "memory.stat") or "").splitlines())
    figures = {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    prefix = "total_" if "total_inactive_file" in figures else ""
    return figures.get(f"{prefix}inactive_file", 0) + figures.get(f"{prefix}active_file", 0)


def _quotas(root: Path) -> Iterator[float]:
    for folder in _groups(root, "cpu"):
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        pair = (_read(folder / "cpu.max") or "").split()
        if len(pair) == 2 and pair[0].isdigit() and pair[1].isdigit():
            quota, period = int(pair[0]), int(pair[1])
        if quota and period and quota > 0:
            yield quota / period


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control groups and of those around them, of both versions."""
    for line in (_read(root / "proc/self/cgroup") or "").splitlines():
        _, names, path = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        base = root / _CGROUPS / (controller if names else "")
        folder = base / path.lstrip("/")
        while folder != base and folder.is_relative_to(base):
            yield folder
            folder = folder.parent
        yield base


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return None


def _number(path: Path) -> int | None:
    text = (_read(path) or "").strip()
    return int(text) if text.lstrip("-").isdigit() else None
