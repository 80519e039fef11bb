"""The hub's certificates: an authority of its own, what it issues, and certificates that the user brings."""

from hub.security.certificates.issuer import Issuer, Served, day
from hub.security.certificates.keeper import Certificates
from hub.security.certificates.names import certificate_names
from hub.security.certificates.owned import OwnFiles, own_files

__all__ = ["Certificates", "Issuer", "OwnFiles", "Served", "certificate_names", "day", "own_files"]
