"""Users, tokens, what callers may do, and the audit of what they did."""

from hub.security.audit import AuditLog
from hub.security.audit_rows import AuditRecord
from hub.security.auth import ACCESS_SECONDS, Auth
from hub.security.capabilities import RIGHTS, Policy, Rights
from hub.security.chain import Verification
from hub.security.codes import checked_challenge
from hub.security.limits import canonical_address
from hub.security.passwords import Passwords
from hub.security.tokens import Token, TokenKind
from hub.security.users import Role, User, Users

__all__ = [
    "ACCESS_SECONDS",
    "RIGHTS",
    "AuditLog",
    "AuditRecord",
    "Auth",
    "Passwords",
    "Policy",
    "Rights",
    "Role",
    "Token",
    "TokenKind",
    "User",
    "Users",
    "Verification",
    "canonical_address",
    "checked_challenge",
]
