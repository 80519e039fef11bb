"""The hub's own certificate towards a server, and what is remembered of the server's."""

from __future__ import annotations

import hashlib
import socket
import uuid
from dataclasses import dataclass, field

from asyncua.crypto.cert_gen import dump_private_key_as_pem, generate_private_key, generate_self_signed_app_certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from hub import InvalidInput

_DAYS = 20 * 365  # it is trusted by name at the server, one by one: what runs out there is only found when it has


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate and its key (PEM), and the application's URI that the certificate is for."""

    certificate: str
    private_key: str = field(repr=False)
    uri: str

    @property
    def fingerprint(self) -> str:
        """What a server's administrator recognises it by."""
        loaded = x509.load_pem_x509_certificate(self.certificate.encode())
        return fingerprint(loaded.public_bytes(Encoding.DER))


def make_identity() -> Identity:
    """Return a new identity. It takes a moment: call it in a thread."""
    uri, key = f"urn:hearth:{uuid.uuid4()}", generate_private_key()
    names = [x509.UniformResourceIdentifier(uri), x509.DNSName(socket.gethostname())]
    use = [ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = generate_self_signed_app_certificate(key, "Hearth", {}, names, use, days=_DAYS)
    return Identity(
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        private_key=dump_private_key_as_pem(key).decode(),
        uri=uri,
    )


def load_identity(certificate: str, private_key: str) -> Identity:
    """Return an identity that was kept.

    Raises InvalidInput.
    """
    try:
        loaded = x509.load_pem_x509_certificate(certificate.encode())
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        (uri, *_) = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise InvalidInput(
            f"Expected a certificate (PEM) with the URI of an application: {error}", path=("certificate",)
        ) from None
    return Identity(certificate=certificate, private_key=private_key, uri=str(uri))


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate (DER)."""
    return hashlib.sha256(certificate).hexdigest()
