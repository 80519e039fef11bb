from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.core.bus import ALL, EventBus
from hub.core.callers import Capability
from hub.core.clock import SimulatedClock
from hub.errors import AuthenticationFailed, InvalidInput, NotFound, Refused
from hub.security import Accounts, AuditLog, Auth, Passwords, Role, User, parse_grants, write_grants
from tests.security.conftest import CLIENT

HALL = (Capability(areas=("hall",)),)


@pytest.fixture
def told() -> list[tuple[str, str]]:
    """The events that were published: type and user id."""
    return []


@pytest.fixture
def accounts(auth: Auth, audit: AuditLog, clock: SimulatedClock, told: list[tuple[str, str]]) -> Accounts:
    bus = EventBus()
    bus.listen(ALL, lambda event: told.append((event.type, event.data["user_id"])))
    return Accounts(auth, audit, bus, clock)


@pytest.fixture
async def owner(auth: Auth, owner_id: str) -> User:
    return auth.users.require(owner_id)


async def test_every_change_is_announced_and_in_the_audit_log(
    accounts: Accounts, auth: Auth, audit: AuditLog, owner: User, told: list[tuple[str, str]]
) -> None:
    ben = await accounts.create(name="Ben", role=Role.USER, username="Ben", password="ben's own", by=owner)
    await accounts.update(ben.user_id, owner, role=Role.GUEST, capabilities=HALL)
    await accounts.update(ben.user_id, owner, active=False)
    await accounts.remove(ben.user_id, owner)
    assert [type_ for type_, user_id in told if user_id == ben.user_id] == [
        "user_added",
        "user_updated",
        "user_updated",
        "user_removed",
    ]
    rows = [row for row in await audit.rows(100) if (row.kind, row.subject) == ("user", "ben")]
    assert [row.detail for row in reversed(rows)] == [
        {"created": "user", "capabilities": None},
        {"changed": {"role": "guest", "capabilities": [{"action": "*", "area": ["hall"]}]}},
        {"active": False},
        {"removed": True},
    ]
    assert all((row.user_id, row.outcome) == (owner.user_id, "accepted") for row in rows)


async def test_other_rights_close_what_is_open_and_keep_the_tokens(accounts: Accounts, auth: Auth, owner: User) -> None:
    eve = await accounts.create(name="Eve", role=Role.GUEST, by=owner)
    token = await auth.create_long_lived(eve.user_id, "phone")
    principal = auth.principal_for(token)
    assert principal is not None
    closed: list[str] = []
    for change in ({"name": "Eva"}, {"capabilities": HALL}, {"capabilities": HALL}, {"role": Role.USER}):
        unlisten = auth.on_revoked(principal.token_id or "", lambda: closed.append("closed"))
        await accounts.update(eve.user_id, owner, **change)
        unlisten()
    assert closed == ["closed"] * 2
    changed = auth.principal_for(token)
    assert changed is not None
    assert changed.role == Role.USER


async def test_who_is_put_out_of_action_has_no_token_any_more(accounts: Accounts, auth: Auth, owner: User) -> None:
    eve = await accounts.create(name="Eve", role=Role.USER, username="eve", password="eve's own", by=owner)
    token = await auth.create_long_lived(eve.user_id, "phone")
    access, refresh = await auth.exchange(await auth.login("eve", "eve's own", CLIENT, "192.0.2.9"), CLIENT)
    await accounts.update(eve.user_id, owner, active=False)
    assert auth.principal_for(token) is None
    assert auth.principal_for(access) is None
    with pytest.raises(AuthenticationFailed):
        await auth.refresh(refresh, CLIENT)
    await accounts.update(eve.user_id, owner, active=True)
    assert auth.principal_for(token) is None


async def test_the_owner_stays_and_is_changed_by_nobody_else(accounts: Accounts, auth: Auth, owner: User) -> None:
    admin = await accounts.create(name="Ada", role=Role.ADMIN, by=owner)
    for refused in (
        accounts.update(owner.user_id, admin, name="Nobody"),
        accounts.set_password(owner.user_id, "another one", admin),
        accounts.rename_login(owner.user_id, "nobody", admin),
        accounts.remove(owner.user_id, admin),
        accounts.remove(owner.user_id, owner),
        accounts.remove_credentials("ann", owner),
    ):
        with pytest.raises(Refused):
            await refused
    for impossible in (
        accounts.update(owner.user_id, owner, role=Role.ADMIN),
        accounts.update(owner.user_id, owner, active=False),
        accounts.update(owner.user_id, owner, capabilities=HALL),
        accounts.update(admin.user_id, owner, role=Role.OWNER),
        accounts.create(name="Second", role=Role.OWNER, by=owner),
    ):
        with pytest.raises(InvalidInput):
            await impossible
    await accounts.update(owner.user_id, owner, name="Anna")
    assert auth.users.require(owner.user_id).name == "Anna"


async def test_somebody_without_a_username_gets_one_loses_it_and_may_come_back(
    accounts: Accounts, auth: Auth, owner: User
) -> None:
    ben = await accounts.create(name="Ben", role=Role.USER, by=owner)
    with pytest.raises(InvalidInput, match="characters"):
        await accounts.set_credentials(ben.user_id, "ben", "short", owner)
    with pytest.raises(NotFound):
        await accounts.set_password(ben.user_id, "ben's own", owner)
    await accounts.set_credentials(ben.user_id, "Ben", "ben's own", owner)
    await auth.login("ben", "ben's own", CLIENT, "192.0.2.9")
    with pytest.raises(InvalidInput, match="not taken"):
        await accounts.rename_login(ben.user_id, "ann", owner)
    await accounts.rename_login(ben.user_id, "benjamin", owner)
    await auth.login("benjamin", "ben's own", CLIENT, "192.0.2.9")
    await accounts.remove_credentials("benjamin", owner)
    with pytest.raises(AuthenticationFailed):
        await auth.login("benjamin", "ben's own", CLIENT, "192.0.2.9")
    await auth.users.load()
    assert auth.users.require(ben.user_id).username is None


async def test_a_program_has_tokens_and_no_password(accounts: Accounts, auth: Auth, owner: User) -> None:
    with pytest.raises(InvalidInput, match="program"):
        await accounts.create(name="Robot", role=Role.SERVICE, username="robot", password="robot's own", by=owner)
    robot = await accounts.create(name="Robot", role=Role.SERVICE, by=owner)
    secret = await accounts.create_token(robot.user_id, "lights", 10, owner)
    assert auth.principal_for(secret) is not None
    ben = await accounts.create(name="Ben", role=Role.USER, username="ben", password="ben's own", by=owner)
    with pytest.raises(InvalidInput, match="service"):
        await accounts.create_token(ben.user_id, "in his name", 10, owner)
    with pytest.raises(InvalidInput, match="program"):
        await accounts.update(ben.user_id, owner, role=Role.SERVICE)
    await accounts.delete_token(robot.user_id, auth.list_tokens(robot.user_id)[0].token_id, owner)
    assert auth.principal_for(secret) is None


async def test_one_s_own_password_needs_the_old_one_and_keeps_the_session_that_changes_it(
    auth: Auth, owner: User
) -> None:
    sessions = []
    for _ in range(2):
        access, _refresh = await auth.exchange(await auth.login("ann", "a secret!", CLIENT, "192.0.2.9"), CLIENT)
        sessions.append(access)
    here = auth.principal_for(sessions[0])
    assert here is not None
    with pytest.raises(AuthenticationFailed):
        await auth.change_password(owner.user_id, "a guess!!", "another one", session_id=here.token_id)
    await auth.change_password(owner.user_id, "a secret!", "another one", session_id=here.token_id)
    assert auth.principal_for(sessions[0]) is not None
    assert auth.principal_for(sessions[1]) is None


async def test_guessing_one_s_own_password_is_limited(auth: Auth, owner: User) -> None:
    for _ in range(10):
        with pytest.raises(AuthenticationFailed):
            await auth.change_password(owner.user_id, "a guess!!", "another one", session_id=None)
    with pytest.raises(Refused, match="try again"):
        await auth.change_password(owner.user_id, "a secret!", "another one", session_id=None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, None),
        ([], ()),
        ([{"action": None}], (Capability(action=""),)),
        ([{"action": "*", "area": ["hall"]}], (Capability(areas=("hall",)),)),
        (
            [{"action": "light.*", "domain": ["light"], "label": ["x"], "entity": ["light.a*"]}],
            (Capability(action="light.*", domains=("light",), labels=("x",), entities=("light.a*",)),),
        ),
    ],
)
def test_grants_are_read_as_they_are_written(written: Any, read: tuple[Capability, ...] | None) -> None:
    assert parse_grants(written) == read
    assert write_grants(read) == written


@pytest.mark.parametrize("wrong", ["*", [{"action": "everything"}], [{"areas": ["hall"]}], [{"area": "hall"}], [7]])
def test_grants_that_cannot_be_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="Expected capabilities"):
        parse_grants(wrong)


async def test_grants_outlast_a_restart(
    tmp_path: Path, clock: SimulatedClock, audit: AuditLog, passwords: Passwords
) -> None:
    for _ in range(2):
        async with Auth(tmp_path / "auth.db", clock, audit, passwords=passwords) as auth:
            if auth.users.named("eve") is None:
                await auth.users.add(name="Eve", username="eve", password=None, role=Role.GUEST, capabilities=HALL)
            eve = auth.users.named("eve")
            assert eve is not None
            assert eve.capabilities == HALL


async def test_a_file_from_before_there_were_grants_is_brought_up_to_date(
    tmp_path: Path, clock: SimulatedClock, audit: AuditLog, passwords: Passwords
) -> None:
    path = tmp_path / "auth.db"
    async with Auth(path, clock, audit, passwords=passwords) as auth:
        await auth.users.add(name="Ben", username="ben", password="ben's own")
    with closing(sqlite3.connect(path)) as old:
        old.executescript("ALTER TABLE users DROP COLUMN capabilities; UPDATE schema_version SET version = 1")
    async with Auth(path, clock, audit, passwords=passwords) as auth:
        ben = await auth.users.verify("ben", "ben's own")
        assert ben is not None
        assert ben.capabilities is None
        await auth.users.update(ben.user_id, capabilities=HALL)
