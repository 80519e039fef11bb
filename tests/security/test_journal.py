from __future__ import annotations

import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import StorageError
from hub.security.journal import Journal

ROOT = Path(__file__).parents[2]


def taken(journal: Journal) -> list[bytes]:
    lines: list[bytes] = []
    while True:
        unread = journal.unread()
        lines += unread.lines
        journal.taken(unread)
        if not unread.old:
            return lines


def test_lines_come_in_their_order_and_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "audit.journal")
    journal.open()
    journal.append(b"1")
    journal.append(b"2")
    assert taken(journal) == [b"1", b"2"]
    journal.append(b"3")
    assert taken(journal) == [b"3"]
    assert taken(journal) == []
    journal.close()


def test_lines_that_were_not_taken_are_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "audit.journal"
    first = Journal(path)
    first.open()
    first.append(b"1")
    first.close()
    second = Journal(path)
    second.open()
    second.append(b"2")
    assert taken(second) == [b"1", b"2"]
    second.close()
    assert path.read_bytes() == b""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_full_file_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "audit.journal", rotate_at=100)
    journal.open()
    lines: list[bytes] = []
    for number in range(200):
        journal.append(b"%d" % number)
        if number % 7 == 0:
            lines += taken(journal)
    lines += taken(journal)
    assert lines == [b"%d" % number for number in range(200)]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 300
    journal.close()


def test_lines_written_after_a_file_was_replaced_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "audit.journal"
    journal = Journal(path, rotate_at=1)
    journal.open()
    journal.append(b"1")
    unread = journal.unread()
    journal.append(b"2")  # while the reader stores the first
    journal.taken(unread)
    journal.append(b"3")
    journal.close()
    again = Journal(path)
    again.open()
    assert taken(again) == [b"1", b"2", b"3"]  # a line may come again: rows have numbers
    again.close()


def test_half_a_line_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "audit.journal"
    path.write_bytes(b"whole\nhal")
    journal = Journal(path)
    journal.open()
    journal.append(b"next")
    assert taken(journal) == [b"whole", b"hal", b"next"]
    journal.close()


def test_a_closed_journal_refuses(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "audit.journal")
    journal.open()
    journal.close()
    with pytest.raises(StorageError, match="to be open"):
        journal.append(b"1")


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "audit.journal").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match=r"audit\.journal"):
        Journal(tmp_path / "audit.journal").open()
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_is_told_and_what_follows_is_whole(tmp_path: Path) -> None:
    """The limit on a file's size is the full disk that needs no disk; it holds for a process, so this is one."""
    path = tmp_path / "audit.journal"
    result = subprocess.run(
        [sys.executable, "-c", _FILL, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.split() == ["refused", "refused", "written"]
    journal = Journal(path)
    journal.open()
    lines = taken(journal)
    assert lines[-1] == b"after"
    assert lines[0] == b"x" * 90
    journal.close()


_FILL = f"""
import resource, sys
from pathlib import Path
from hub.errors import StorageError
from hub.security.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.open()
journal.append(b"x" * 90)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, {resource.RLIM_INFINITY}))
for _ in range(2):
    try:
        journal.append(b"y" * 90)
    except StorageError:
        print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, ({resource.RLIM_INFINITY}, {resource.RLIM_INFINITY}))
journal.append(b"after")
print("written")
"""
