from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from hub.core.clock import SimulatedClock
from hub.security import AuditLog, Auth, Passwords

CLIENT = "http://localhost:8123/"


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def passwords() -> Passwords:
    """As cheap as argon2 allows."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def audit(tmp_path: Path, clock: SimulatedClock) -> AsyncIterator[AuditLog]:
    async with AuditLog(tmp_path / "audit.db", clock) as log:
        yield log


@pytest.fixture
async def auth(tmp_path: Path, clock: SimulatedClock, audit: AuditLog, passwords: Passwords) -> AsyncIterator[Auth]:
    async with Auth(tmp_path / "auth.db", clock, audit, passwords=passwords) as opened:
        yield opened


@pytest.fixture
async def owner_id(auth: Auth) -> str:
    """The owner ann, whose password is a secret."""
    code = auth.welcome_code()
    assert code is not None
    await auth.create_owner(code, "Ann", "ann", "a secret!", "en", client_id=CLIENT, address="192.0.2.1")
    owner = auth.users.owner()
    assert owner is not None
    return owner.user_id
