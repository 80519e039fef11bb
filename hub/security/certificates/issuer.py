"""The files of the hub's own certificates: what is there, and making what is missing. It blocks: call it in a thread."""

from __future__ import annotations

import datetime as dt
import logging
import socket
import ssl
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from hub.config.store import write_atomically
from hub.errors import StorageError
from hub.security.certificates.handshake import fingerprint, server_context
from hub.security.certificates.validity import ends_soon, is_due

if TYPE_CHECKING:
    from hub.security.certificates.authority import Authority

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A certificate that the hub issued to itself: for which names, until when (UTC), and by which authority."""

    names: tuple[str, ...]
    ends: float
    authority: str


class Issuer:
    """The files in ``.hearth/tls`` of a configuration folder, all of them 0600."""

    def __init__(self, folder: Path) -> None:
        tls = folder / ".hearth" / "tls"
        self.authority_file = tls / "authority.crt"
        self._authority_key = tls / "authority.key"
        self._server = tls / "server.pem"
        self._about = tls / "server.json"  # so that a start need not load what reads certificates

    def authority_pem(self) -> bytes | None:
        """Return the certificate that clients have to trust, or None if there is none yet. Raises StorageError."""
        return _read(self.authority_file)

    def served(self) -> Served | None:
        """Return what is known of the certificate in use, or None if there is none, or it is of another authority."""
        pem, about = self.authority_pem(), _read(self._about)
        if pem is None or about is None or not self._server.is_file():
            return None
        try:
            data: dict[str, Any] = orjson.loads(about)
            served = Served(names=tuple(data["names"]), ends=float(data["ends"]), authority=data["authority"])
            return served if served.authority == fingerprint(pem) else None
        except (ValueError, KeyError, TypeError):
            return None

    def is_needed(self, names: Collection[str], now: float) -> bool:
        """Say whether a certificate has to be issued: for other names, or because the last one ends."""
        served = self.served()
        return served is None or set(served.names) != set(names) or is_due(served.ends, now)

    def issue(self, names: Collection[str], now: float, *, new_authority: bool = False) -> Served:
        """Write another certificate; where there is no authority, or another is wanted, make that first.

        Raises StorageError if a file cannot be read or written.
        """
        try:
            authority = None if new_authority else self._load_authority()
            return self._issue(authority or self._make_authority(now), sorted(names), now)
        except OSError as error:
            raise StorageError(f"Expected to write certificates to {self._server.parent}: {error}") from error

    def context(self) -> ssl.SSLContext:
        """Return a context with the certificate in use. Raises InvalidInput if there is none."""
        return server_context(self._server)

    def _issue(self, authority: Authority, names: list[str], now: float) -> Served:
        issued = authority.issue(names, now)
        served = Served(names=tuple(names), ends=issued.ends, authority=fingerprint(authority.pem))
        write_atomically(self._server, issued.pem)
        write_atomically(self._about, orjson.dumps(asdict(served), option=orjson.OPT_INDENT_2))
        _log.info("Issued a certificate for %s, good until %s", ", ".join(names), day(issued.ends))
        if ends_soon(authority.ends, now):
            remedy = "make another with 'hearth certificate renew --authority' and tell your devices to trust it"
            _log.warning("The hub's authority ends on %s: %s", day(authority.ends), remedy)
        return served

    def _load_authority(self) -> Authority | None:
        from hub.security.certificates.authority import Authority  # noqa: PLC0415 - most starts issue nothing

        key, pem = _read(self._authority_key), self.authority_pem()
        try:
            return Authority.load(key, pem) if key and pem else None
        except StorageError as error:
            remedy = "restore it from a backup, or make another with 'hearth certificate renew --authority'"
            raise StorageError(f"{error} ({self._authority_key}): {remedy}") from error

    def _make_authority(self, now: float) -> Authority:
        from hub.security.certificates.authority import Authority  # noqa: PLC0415

        authority = Authority.make(f"Hearth {socket.gethostname()[:40]} {day(now)}", now)
        write_atomically(self._authority_key, authority.key_pem)
        write_atomically(self.authority_file, authority.pem)
        _log.info("Made a certificate authority: %s", fingerprint(authority.pem))
        return authority


def day(time: float) -> str:
    """Return the UTC day of a time."""
    return dt.datetime.fromtimestamp(time, dt.UTC).date().isoformat()


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"Expected to read {file}: {error}") from error
