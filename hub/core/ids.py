"""Identifiers: what each looks like and how a new one is made."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from functools import lru_cache

from anyascii import anyascii

from hub.errors import InvalidInput

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)\Z")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def _ulid_prefix() -> str:
    """18 characters: 10 of the start time in milliseconds as in a ULID, 8 random."""
    milliseconds = int(time.time() * 1000)
    stamp = "".join(_CROCKFORD[(milliseconds >> shift) & 31] for shift in range(45, -1, -5))
    return stamp + "".join(secrets.choice(_CROCKFORD) for _ in range(8))


context_number = itertools.count().__next__
"""Return the next context's number."""
context_id = (_ulid_prefix() + "%08X").__mod__
"""Return the id of the context with a number: 26 characters shaped like a ULID, ascending with the number."""


def new_id() -> str:
    """Return a new registry id: 32 hex digits, random."""
    return secrets.token_hex(16)


@lru_cache(maxsize=4096)
def slugify(text: str, fallback: str = "unknown") -> str:
    """Return ``text`` as ``[a-z0-9_]+``, in other scripts by their usual romanisation.

    >>> slugify("Küche – Licht 2"), slugify("客厅 灯")
    ('kuche_licht_2', 'keting_deng')
    """
    return _NOT_SLUG.sub("_", anyascii(text).lower().replace("'", "")).strip("_") or fallback


@lru_cache(maxsize=16384)
def split_entity_id(entity_id: str) -> tuple[str, str]:
    """Return (domain, object id).

    Raises InvalidInput if it is not of the form ``domain.object_id``.
    """
    if not is_entity_id(entity_id):
        raise InvalidInput(f"Expected an entity id such as light.kitchen, got {entity_id!r}")
    domain, _, object_id = entity_id.partition(".")
    return domain, object_id


@lru_cache(maxsize=16384)
def is_entity_id(text: str) -> bool:
    """Say whether ``text`` has the form ``domain.object_id``."""
    return _ENTITY_ID.match(text) is not None
