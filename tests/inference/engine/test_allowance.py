from __future__ import annotations

from pathlib import Path

import pytest

from hub.inference.engine import allowance

GB = 1_000_000_000


def place(root: Path, path: str, content: object) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{content}\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place(tmp_path, "proc/meminfo", "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 8000000 kB")
    return tmp_path


def test_free_memory_is_what_the_system_can_give(root: Path) -> None:
    memory = allowance.free_memory(root)
    assert memory.free == 8_000_000 * 1024
    assert memory.bound == "the machine's free memory"


def test_a_control_group_of_version_2_bounds_it(root: Path) -> None:
    place(root, "proc/self/cgroup", "0::/system.slice/hearth.service")
    folder = "sys/fs/cgroup/system.slice/hearth.service"
    place(root, f"{folder}/memory.max", 2 * GB)
    place(root, f"{folder}/memory.current", GB)
    place(root, f"{folder}/memory.stat", f"anon 5\ninactive_file {GB // 4}\nactive_file 0")
    memory = allowance.free_memory(root)
    assert memory.free == GB + GB // 4  # pages of files can be given up
    assert "control group" in memory.bound


def test_the_group_around_it_bounds_it_too(root: Path) -> None:
    place(root, "proc/self/cgroup", "0::/outer/inner")
    place(root, "sys/fs/cgroup/outer/inner/memory.max", "max")
    place(root, "sys/fs/cgroup/outer/memory.max", GB)
    place(root, "sys/fs/cgroup/outer/memory.current", GB // 2)
    assert allowance.free_memory(root).free == GB // 2


def test_a_control_group_of_version_1_bounds_it(root: Path) -> None:
    place(root, "proc/self/cgroup", "4:memory:/docker/abc\n3:cpuset:/\n1:cpu,cpuacct:/docker/abc")
    place(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", GB)  # a container sees its own group as the top
    place(root, "sys/fs/cgroup/memory/memory.usage_in_bytes", GB // 2)
    place(root, "sys/fs/cgroup/memory/memory.stat", f"total_inactive_file {GB // 8}\ntotal_active_file 0")
    assert allowance.free_memory(root).free == GB // 2 + GB // 8


def test_a_group_without_a_limit_bounds_nothing(root: Path) -> None:
    place(root, "proc/self/cgroup", "4:memory:/")
    place(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    assert allowance.free_memory(root).bound == "the machine's free memory"


@pytest.mark.parametrize(
    ("path", "content"),
    [("sys/fs/cgroup/cpu.max", "100000 100000"), ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000")],
)
def test_a_quota_of_one_processor_is_one_core(root: Path, path: str, content: str) -> None:
    place(root, "proc/self/cgroup", "0::/\n1:cpu,cpuacct:/")
    place(root, "sys/fs/cgroup/cpu/cpu.cfs_period_us", 100000)
    place(root, path, content)
    assert allowance.usable_cores(root) == 1


def test_less_than_a_processor_is_still_one_core(root: Path) -> None:
    place(root, "proc/self/cgroup", "0::/")
    place(root, "sys/fs/cgroup/cpu.max", "50000 100000")
    assert allowance.usable_cores(root) == 1


def test_threads_that_share_a_core_count_once(root: Path) -> None:
    for number in range(4):
        topology = f"sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list"
        place(root, topology, f"{number % 2},{number % 2 + 2}")
    assert allowance.physical_cores(root) == 2
    assert allowance.physical_cores(root / "nowhere") is None


def test_this_machine_is_seen() -> None:
    assert allowance.usable_cores() >= 1
    assert allowance.free_memory().free > 0
    assert allowance.processor()
