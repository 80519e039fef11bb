"""A certificate that the user brings in files, renewed by whatever renews it."""

from __future__ import annotations

import ssl
from pathlib import Path

from hub.config.settings import Settings
from hub.security.certificates.handshake import server_context

Identity = tuple[int, int, int]


class OwnFiles:
    """The files of a certificate and its key, which may be in one."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.certificate = certificate
        self.key = key
        self._tried: tuple[Identity, Identity] | None = None

    def load(self) -> ssl.SSLContext:
        """Return the context with what is in the files now.

        Raises InvalidInput if that is no certificate with its key.
        """
        self._tried = self._look()
        return server_context(self.certificate, self.key)

    def changed(self) -> bool:
        """Say whether the files are others than those that were last tried."""
        return self._look() != self._tried

    def _look(self) -> tuple[Identity, Identity]:
        return _identity(self.certificate), _identity(self.key)


def own_files(folder: Path, settings: Settings) -> OwnFiles | None:
    """Return the files that the settings name, relative to ``folder``; None if they name none."""
    if settings.certificate is None or settings.certificate_key is None:
        return None
    return OwnFiles(folder / settings.certificate, folder / settings.certificate_key)


def _identity(file: Path) -> Identity:
    """Tools that renew replace the file, rewrite it, let it be read, or move the link that leads to it."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_ctime_ns, found.st_size)
