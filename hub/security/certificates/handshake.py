"""What the hub agrees to in a TLS handshake, and how a certificate is told to a person. Standard library only."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from hub.errors import InvalidInput


def server_context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """Return a context for TLS 1.3 with the certificate in a file; the key is in the same one or in ``key``.

    Raises InvalidInput if the files cannot be read or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1", "mqtt"])
    try:
        # Without a password OpenSSL would ask at the terminal, and the hub wait for an answer.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        both = f"{certificate} and {key}" if key and key != certificate else f"{certificate}"
        raise InvalidInput(
            f"Expected a certificate and its key, without a password, in {both}: {error}",
            path=("server", "certificate"),
        ) from error
    return context


def fingerprint(certificate_pem: bytes) -> str:
    """Return a certificate's SHA-256 as browsers show it: ``AB:CD:...``. Raises ValueError if it is none."""
    der = ssl.PEM_cert_to_DER_cert(certificate_pem.decode("ascii"))
    return hashlib.sha256(der).digest().hex(":").upper()
