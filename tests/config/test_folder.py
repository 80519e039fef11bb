from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.config.folder import locked
from hub.errors import ConfigError


def test_one_hub_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    with locked(folder):
        assert (folder / ".hearth").stat().st_mode & 0o777 == 0o700
        with pytest.raises(ConfigError, match=f"process id {os.getpid()} uses it"), locked(folder):
            pass
    with locked(folder):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Expected a folder that can be written"), locked(tmp_path / "file" / "x"):
        pass
