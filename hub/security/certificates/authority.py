"""The hub's certificate authority, and the certificates it issues to the hub itself.

Loaded only where a certificate is made: ``cryptography`` costs a start more than all the rest of TLS.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.errors import StorageError
from hub.security.certificates.validity import AUTHORITY_DAYS, DAY, SERVER_DAYS, beginning

YEARS = 10
DAYS = 397  # browsers take no server certificate for longer than 398 days
_EARLY = dt.timedelta(hours=1)  # clients' clocks differ
_NOT_BEFORE = dt.datetime(
    2026, 1, 1, tzinfo=dt.UTC
)  # a machine without a battery begins in 1970, until it is told better
_USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate with its key, as PEM; ``ends`` is UTC epoch seconds."""

    pem: bytes
    ends: float


@dataclass(frozen=True, slots=True)
class Authority:
    """A key that signs certificates, and the certificate that clients are told to trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str, now: float) -> Authority:
        """Return a new authority, good for ten years. ``name`` tells it from others in a list of authorities."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        begins = beginning(now)
        builder = _builder(subject, subject, key.public_key(), begins, begins + AUTHORITY_DAYS * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, key_pem: bytes, certificate_pem: bytes) -> Authority:
        """Return the authority that was written before.

        Raises StorageError if the two are damaged or do not belong together.
        """
        try:
            key = serialization.load_pem_private_key(key_pem, None)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (ValueError, TypeError) as error:
            raise StorageError(f"Expected a key and a certificate of the hub's authority: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise StorageError("Expected the key of the hub's authority to belong to its certificate")
        return cls(key, certificate)

    @property
    def key_pem(self) -> bytes:
        return _pem(self.key)

    @property
    def pem(self) -> bytes:
        """The certificate to be trusted."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def ends(self) -> float:
        """When it ends, in UTC epoch seconds."""
        return self.certificate.not_valid_after_utc.timestamp()

    def issue(self, names: Iterable[str], now: float) -> Issued:
        """Return a new key with a certificate for these host names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        begins = beginning(now)
        ends = begins + SERVER_DAYS * DAY
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hearth")])
        builder = _builder(subject, self.certificate.subject, key.public_key(), begins, ends)
        for extension, critical in self._extensions(names):
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(self.key, hashes.SHA256())
        return Issued(pem=_pem(key) + signed.public_bytes(serialization.Encoding.PEM), ends=ends)

    def _extensions(self, names: Iterable[str]) -> Iterable[tuple[x509.ExtensionType, bool]]:
        identifier = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return (
            (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage("digital_signature"), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
        )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: float, ends: float
) -> x509.CertificateBuilder:
    first, last = (dt.datetime.fromtimestamp(time, dt.UTC) for time in (begins, ends))
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), first, last)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in uses for use in _USES})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    encryption = serialization.NoEncryption()  # the hub has to start by itself; the file is 0600
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
