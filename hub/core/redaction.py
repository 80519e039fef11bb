"""Secrets in plain data: found by the names of their keys, replaced before anything is stored or shown."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

REDACTED = "**REDACTED**"

_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:password|passcode|passphrase|secret|token|api_?key|credentials?|pin)\Z|(?:code|authorization|cookie)\Z",
    re.IGNORECASE,
)
_PLAIN = frozenset({type(None), bool, int, float})
_URL_PASSWORD = re.compile(r"(//[^/\s:@]*:)[^/\s@]+(?=@)")


def redacted(value: Any) -> Any:
    """Return plain data with the values of secret keys and the passwords in URLs replaced.

    >>> redacted({"code": "1234", "url": "mqtt://me:pw@host", "brightness": 3})
    {'code': '**REDACTED**', 'url': 'mqtt://me:**REDACTED**@host', 'brightness': 3}
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:  # before the abstract class, which is slow to ask
        return _mapping(value)
    if isinstance(value, str):
        return _URL_PASSWORD.sub(rf"\g<1>{REDACTED}", value) if "//" in value else value
    if isinstance(value, (list, tuple)):
        return [redacted(item) for item in value]
    return _mapping(value) if isinstance(value, Mapping) else value


def _mapping(value: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        key: REDACTED if _is_secret(key) and item is not None else item if type(item) in _PLAIN else redacted(item)
        for key, item in value.items()
    }


@lru_cache(maxsize=4096)
def _is_secret(key: Hashable) -> bool:
    return isinstance(key, str) and _SECRET_NAME.match(key) is not None
