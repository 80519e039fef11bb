"""Acts of the security part itself, audited like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.errors import HubError, Refused
from hub.security.users import User


@contextmanager
def audited(audit: Audit | None, kind: str, subject: str, by: User | None, detail: Mapping[str, Any]) -> Iterator[None]:
    """Write the intent before the block and its outcome after it. ``by`` is who does it: nobody, or somebody unknown.

    Raises StorageError if the intent cannot be written: the block is not run then.
    """
    if audit is None:
        yield
        return
    user_id = by.user_id if by else None
    number = audit.intent(
        AuditEntry(kind=kind, subject=subject, caller="user" if by else "anybody", user_id=user_id, detail=detail)
    )
    try:
        yield
    except BaseException as error:
        audit.outcome(number, "refused" if isinstance(error, Refused) else "failed", _reason(error))
        raise
    audit.outcome(number, "accepted")


def _reason(error: BaseException) -> dict[str, str]:
    return {"reason": error.key if isinstance(error, HubError) else type(error).__name__}
