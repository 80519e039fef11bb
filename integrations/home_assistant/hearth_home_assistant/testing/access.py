"""An owner with a long-lived token, as Home Assistant keeps them: no onboarding, and the token is known before it starts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TEN_YEARS = 315_360_000


def give_access(folder: Path) -> str:
    """Write the owner and a refresh token to the configuration folder, and return the long-lived access token."""
    user, refresh, key = secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(64)
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    document = {"version": 1, "minor_version": 1, "key": "auth", "data": _auth(user, refresh, key)}
    (storage / "auth").write_text(json.dumps(document))
    now = int(time.time())
    return _sign({"iss": refresh, "iat": now - 60, "exp": now + _TEN_YEARS}, key)


def _auth(user: str, refresh: str, key: str) -> dict[str, Any]:
    owner = {
        "id": user,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": "Owner",
        "system_generated": False,
        "local_only": False,
    }
    token = {
        "id": refresh,
        "user_id": user,
        "client_id": None,
        "client_name": "Hearth",
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": datetime.now(UTC).isoformat(),
        "access_token_expiration": float(_TEN_YEARS),
        "token": secrets.token_hex(64),
        "jwt_key": key,
    }
    groups = [{"id": "system-admin", "name": "Administrators"}]
    return {"users": [owner], "groups": groups, "credentials": [], "refresh_tokens": [token]}


def _sign(claims: dict[str, Any], key: str) -> str:
    """Return a JSON web token, signed by HMAC with SHA-256."""
    parts = [_encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.new(key.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _encode(signature)])


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
