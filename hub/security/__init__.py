"""Users, tokens, what callers may do, and the audit of what they did."""

from hub.security.accounts import Accounts
from hub.security.audit import AuditLog
from hub.security.audit_rows import AuditRecord
from hub.security.auth import ACCESS_SECONDS, Auth
from hub.security.capabilities import EVERYDAY, RIGHTS, Policy, Rights, grants_of
from hub.security.chain import Verification
from hub.security.codes import checked_challenge
from hub.security.door import Door
from hub.security.grants import parse_grants, write_grants
from hub.security.limits import canonical_address
from hub.security.passwords import Passwords
from hub.security.sight import Sight
from hub.security.tokens import Token, TokenKind
from hub.security.users import Role, User, Users

__all__ = [
    "ACCESS_SECONDS",
    "EVERYDAY",
    "RIGHTS",
    "Accounts",
    "AuditLog",
    "AuditRecord",
    "Auth",
    "Door",
    "Passwords",
    "Policy",
    "Rights",
    "Role",
    "Sight",
    "Token",
    "TokenKind",
    "User",
    "Users",
    "Verification",
    "canonical_address",
    "checked_challenge",
    "grants_of",
    "parse_grants",
    "write_grants",
]
