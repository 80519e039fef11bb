"""The configuration folder: where everything of one hub is, used by one hub at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import ConfigError, NotFound

AUTH_FILE = "auth.db"
AUDIT_FILE = "audit.db"
HISTORY_FILE = "history.db"
CONVERSATIONS_FILE = "conversations.db"
SOCKET_FILE = ".hearth/hub.sock"


def default_folder() -> Path:
    """Return the user's configuration folder: ``$XDG_CONFIG_HOME/hearth``, usually ``~/.config/hearth``."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hearth"


def existing(folder: Path, name: str) -> Path:
    """Return a file that a hub has made in its folder.

    Raises NotFound, with the remedy, if it is not there.
    """
    if not (folder / name).is_file():
        raise NotFound(f"Expected a hub's folder, found no {folder / name}: start it once with 'hearth run'")
    return folder / name


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, making it (mode 0700) if it does not exist.

    Raises ConfigError if another hub holds it or it cannot be written.
    """
    hidden = folder / ".hearth"
    try:
        hidden.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(hidden / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(f"Expected a folder that can be written, got {folder}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
            raise ConfigError(
                f"Expected {folder} to be free, but the hub with process id {holder} uses it: stop it, or give another "
                "folder with --config"
            ) from None
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
