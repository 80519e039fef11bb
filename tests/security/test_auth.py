from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

import pytest

from hub.core.clock import SimulatedClock
from hub.errors import AuthenticationFailed, DatabaseDamaged, InvalidInput, NotFound, Refused
from hub.security import AuditLog, Auth, Passwords, Role, TokenKind

CLIENT = "http://localhost:8123/"
ADDRESS = "192.0.2.1"
DAY = 86_400.0


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def log_in(auth: Auth, username: str = "ann", password: str = "a secret!") -> tuple[str, str]:
    return await auth.exchange(await auth.login(username, password, CLIENT, ADDRESS), CLIENT)


class TestFirstStart:
    async def test_the_code_creates_the_owner_once(self, auth: Auth) -> None:
        code = auth.welcome_code()
        assert code is not None
        assert auth.welcome_code() == code
        auth_code = await auth.create_owner(
            code, "Ann", " Ann ", "a secret!", "zh-Hans", client_id=CLIENT, address=ADDRESS
        )
        access, _ = await auth.exchange(auth_code, CLIENT)
        principal = auth.principal_for(access)
        assert principal is not None
        assert (principal.name, principal.role) == ("Ann", "owner")
        owner = auth.users.owner()
        assert owner is not None
        assert (owner.username, owner.language) == ("ann", "zh-Hans")
        assert auth.welcome_code() is None
        with pytest.raises(Refused, match="has its owner"):
            await auth.create_owner(code, "Eve", "eve", "a secret!", "en", client_id=CLIENT, address=ADDRESS)

    async def test_a_wrong_code_creates_nobody_and_guesses_are_limited(self, auth: Auth) -> None:
        assert auth.welcome_code()
        for _ in range(10):
            with pytest.raises(AuthenticationFailed):
                await auth.create_owner("guess", "Eve", "eve", "a secret!", "en", client_id=CLIENT, address=ADDRESS)
        with pytest.raises(Refused, match="try again in 300 seconds"):
            await auth.create_owner("guess", "Eve", "eve", "a secret!", "en", client_id=CLIENT, address=ADDRESS)
        assert auth.users.owner() is None

    async def test_before_the_code_is_shown_no_code_is_good(self, auth: Auth) -> None:
        for guess in ("", "None"):
            with pytest.raises(AuthenticationFailed):
                await auth.create_owner(guess, "Eve", "eve", "a secret!", "en", client_id=CLIENT, address=ADDRESS)

    async def test_of_two_at_once_one_becomes_the_owner(self, auth: Auth) -> None:
        code = auth.welcome_code() or ""
        results = await asyncio.gather(
            *(
                auth.create_owner(code, name, name, "a secret!", "en", client_id=CLIENT, address=ADDRESS)
                for name in ("ann", "eve")
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(result, str) for result in results) == 1
        assert len(list(auth.users)) == 1

    async def test_a_weak_password_leaves_the_code_good(self, auth: Auth) -> None:
        code = auth.welcome_code() or ""
        with pytest.raises(InvalidInput, match="8 to 1024 characters, got 5") as refused:
            await auth.create_owner(code, "Ann", "ann", "short", "en", client_id=CLIENT, address=ADDRESS)
        assert refused.value.path == ("password",)
        assert auth.welcome_code() == code


class TestLogin:
    async def test_gives_tokens_for_their_own_purpose_only(self, auth: Auth, owner_id: str) -> None:
        access, refresh = await log_in(auth)
        principal = auth.principal_for(access)
        assert principal is not None
        assert principal.user_id == owner_id
        assert auth.principal_for(refresh) is None
        assert await auth.authenticate("anybody", access) is None
        with pytest.raises(AuthenticationFailed):
            await auth.refresh(access, CLIENT)

    @pytest.mark.parametrize(
        ("username", "password"), [("ann", "wrong"), ("bob", "a secret!"), ("", ""), ("ann", "\ud800")]
    )
    async def test_says_the_same_for_a_wrong_name_and_a_wrong_password(
        self, auth: Auth, owner_id: str, username: str, password: str
    ) -> None:
        with pytest.raises(AuthenticationFailed, match=r"^Expected the name of a user and their password$"):
            await auth.login(username, password, CLIENT, ADDRESS)

    async def test_a_code_is_good_once(self, auth: Auth, owner_id: str) -> None:
        code = await auth.login("ann", "a secret!", CLIENT, ADDRESS)
        await auth.exchange(code, CLIENT)
        with pytest.raises(AuthenticationFailed):
            await auth.exchange(code, CLIENT)

    async def test_a_code_is_for_its_client_and_spoilt_by_another(self, auth: Auth, owner_id: str) -> None:
        code = await auth.login("ann", "a secret!", CLIENT, ADDRESS)
        with pytest.raises(AuthenticationFailed):
            await auth.exchange(code, "http://evil.example/")
        with pytest.raises(AuthenticationFailed):
            await auth.exchange(code, CLIENT)

    async def test_a_code_is_good_for_ten_minutes(self, auth: Auth, owner_id: str, clock: SimulatedClock) -> None:
        early = await auth.login("ann", "a secret!", CLIENT, ADDRESS)
        await clock.advance(599)
        late = await auth.login("ann", "a secret!", CLIENT, ADDRESS)
        await auth.exchange(early, CLIENT)
        await clock.advance(600)
        with pytest.raises(AuthenticationFailed):
            await auth.exchange(late, CLIENT)

    async def test_a_user_without_a_password_cannot_log_in_by_name(self, auth: Auth, owner_id: str) -> None:
        await auth.users.add(name="Robot", username="robot", password=None, role=Role.SERVICE)
        for password in ("", "None", "anything at all"):
            with pytest.raises(AuthenticationFailed):
                await auth.login("robot", password, CLIENT, ADDRESS)


class TestLimits:
    async def test_one_budget_for_an_address_whatever_its_form(
        self, auth: Auth, owner_id: str, clock: SimulatedClock
    ) -> None:
        for number in range(10):
            address = "::ffff:203.0.113.5" if number % 2 else "203.0.113.5"
            with pytest.raises(AuthenticationFailed):
                await auth.login(f"user{number}", "guess", CLIENT, address)
        with pytest.raises(Refused, match="try again in 300 seconds") as refused:
            await auth.login("ann", "a secret!", CLIENT, "203.0.113.5")
        assert not isinstance(refused.value, AuthenticationFailed)
        assert refused.value.placeholders["retry_after"] == 300
        await auth.login("ann", "a secret!", CLIENT, ADDRESS)
        await clock.advance(301)
        await auth.login("ann", "a secret!", CLIENT, "203.0.113.5")

    async def test_loopback_is_not_exempt(self, auth: Auth, owner_id: str) -> None:
        addresses = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.0.0.9"]
        for number in range(10):
            with pytest.raises(AuthenticationFailed):
                await auth.login("ann", "guess", CLIENT, addresses[number % 4])
        with pytest.raises(Refused, match="try again"):
            await auth.login("ann", "a secret!", CLIENT, "127.0.0.1")

    async def test_attempts_side_by_side_count_each(self, auth: Auth, owner_id: str) -> None:
        results = await asyncio.gather(
            *(auth.login("ann", f"guess {number}", CLIENT, ADDRESS) for number in range(30)), return_exceptions=True
        )
        assert sum(isinstance(result, AuthenticationFailed) for result in results) == 10

    async def test_a_user_has_a_budget_over_all_addresses(self, auth: Auth, owner_id: str) -> None:
        for number in range(20):
            with pytest.raises(AuthenticationFailed):
                await auth.login("ANN " if number % 2 else "ann", "guess", CLIENT, f"198.51.100.{number}")
        with pytest.raises(Refused, match="try again"):
            await auth.login("ann", "a secret!", CLIENT, "198.51.100.99")

    async def test_success_does_not_wipe_out_failures(self, auth: Auth, owner_id: str) -> None:
        await auth.users.add(name="Eve", username="eve", password="eve's own")
        for number in range(10):
            await auth.login("eve", "eve's own", CLIENT, ADDRESS)
            with pytest.raises(AuthenticationFailed):
                await auth.login(f"guess{number}", "guess", CLIENT, ADDRESS)
        with pytest.raises(Refused, match="try again"):
            await auth.login("eve", "eve's own", CLIENT, ADDRESS)


class TestTokens:
    async def test_access_ends_after_half_an_hour_and_is_refreshed(
        self, auth: Auth, owner_id: str, clock: SimulatedClock
    ) -> None:
        access, refresh = await log_in(auth)
        await clock.advance(1799)
        assert auth.principal_for(access)
        await clock.advance(1)
        assert auth.principal_for(access) is None
        assert auth.principal_for(await auth.refresh(refresh, CLIENT))

    async def test_a_refresh_token_is_for_its_client(self, auth: Auth, owner_id: str) -> None:
        _, refresh = await log_in(auth)
        with pytest.raises(AuthenticationFailed):
            await auth.refresh(refresh, "http://evil.example/")

    async def test_a_refresh_token_dies_when_unused_for_90_days(
        self, auth: Auth, owner_id: str, clock: SimulatedClock
    ) -> None:
        _, used = await log_in(auth)
        _, unused = await log_in(auth)
        for _ in range(10):
            await clock.advance(10 * DAY)
            await auth.refresh(used, CLIENT)
        with pytest.raises(AuthenticationFailed):
            await auth.refresh(unused, CLIENT)

    async def test_tokens_survive_a_restart(
        self, tmp_path: Path, clock: SimulatedClock, passwords: Passwords, auth: Auth, owner_id: str
    ) -> None:
        access, refresh = await log_in(auth)
        program = await auth.create_long_lived(owner_id, "node-red")
        await auth.close()
        async with Auth(tmp_path / "auth.db", clock, passwords=passwords) as again:
            assert again.principal_for(access)
            assert again.principal_for(program)
            assert again.principal_for(await again.refresh(refresh, CLIENT))
            assert again.welcome_code() is None
        await auth.open()

    async def test_a_long_lived_token_is_a_password_under_any_name(self, auth: Auth, owner_id: str) -> None:
        secret = await auth.create_long_lived(owner_id, "zigbee2mqtt")
        for name in ("ann", "anything", ""):
            principal = await auth.authenticate(name, secret)
            assert principal is not None
            assert principal.user_id == owner_id
        for wrong in ("", "hearth_l_", secret[:-1], secret + "x", "\ud800", "a secret!"):
            assert await auth.authenticate("ann", wrong) is None
            assert auth.principal_for(wrong) is None

    async def test_a_long_lived_token_ends_when_it_was_told_to(
        self, auth: Auth, owner_id: str, clock: SimulatedClock
    ) -> None:
        secret = await auth.create_long_lived(owner_id, "visitor", lifespan_days=2)
        await clock.advance(2 * DAY - 1)
        assert auth.principal_for(secret)
        await clock.advance(2)
        assert auth.principal_for(secret) is None

    @pytest.mark.parametrize(
        ("name", "days"), [("", 1), ("  ", 1), ("a\nb", 1), ("x" * 101, 1), ("ok", 0), ("ok", 1e9)]
    )
    async def test_a_long_lived_token_needs_a_name_and_a_lifespan(
        self, auth: Auth, owner_id: str, name: str, days: float
    ) -> None:
        with pytest.raises(InvalidInput):
            await auth.create_long_lived(owner_id, name, days)

    async def test_names_of_long_lived_tokens_are_unique_for_a_user(self, auth: Auth, owner_id: str) -> None:
        await auth.create_long_lived(owner_id, "phone")
        with pytest.raises(InvalidInput, match="no token of Ann has, got 'phone'"):
            await auth.create_long_lived(owner_id, " phone ")
        with pytest.raises(NotFound):
            await auth.create_long_lived("nobody", "phone")

    async def test_the_list_shows_use_and_no_secrets(
        self, auth: Auth, owner_id: str, clock: SimulatedClock, tmp_path: Path
    ) -> None:
        secret = await auth.create_long_lived(owner_id, "phone")
        _, refresh = await log_in(auth)
        await clock.advance(60)
        auth.principal_for(secret)
        await auth.refresh(refresh, CLIENT, ADDRESS)
        program, session = auth.list_tokens(owner_id)
        assert (program.kind, program.name, program.last_used) == (TokenKind.LONG_LIVED, "phone", clock.time())
        assert (session.kind, session.client_id, session.last_address) == (TokenKind.REFRESH, CLIENT, ADDRESS)
        assert session.expires == clock.time() + 90 * DAY
        await auth.tokens.tidy()
        connection = sqlite3.connect(tmp_path / "auth.db")
        (used,) = connection.execute("SELECT last_used FROM tokens WHERE name = 'phone'").fetchone()
        connection.close()
        assert used == clock.time()

    async def test_files_hold_no_secret_and_are_for_their_owner_only(
        self, auth: Auth, owner_id: str, tmp_path: Path
    ) -> None:
        secrets = [*(await log_in(auth)), await auth.create_long_lived(owner_id, "phone"), "a secret!"]
        files = {file.name: file for file in files_in(tmp_path)}
        assert {"auth.db", "auth.db-wal", "audit.journal"} <= files.keys()
        for file in files.values():
            assert not any(secret.encode() in file.read_bytes() for secret in secrets), file
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


class TestRevocation:
    async def test_ends_a_session_with_its_access_tokens_and_tells_those_who_hold_it(
        self, auth: Auth, owner_id: str
    ) -> None:
        access, refresh = await log_in(auth)
        other, _ = await log_in(auth)
        principal = auth.principal_for(access)
        assert principal is not None
        assert principal.token_id is not None
        told: list[str] = []
        auth.on_revoked(principal.token_id, lambda: told.append("socket 1"))
        auth.on_revoked(principal.token_id, lambda: told.append("socket 2"))
        forget = auth.on_revoked(principal.token_id, lambda: told.append("closed before"))
        forget()
        await auth.revoke(refresh)
        assert told == ["socket 1", "socket 2"]
        assert auth.principal_for(access) is None
        assert auth.principal_for(other) is not None
        with pytest.raises(AuthenticationFailed):
            await auth.refresh(refresh, CLIENT)
        await auth.revoke(refresh)
        await auth.revoke("nonsense")

    async def test_a_socket_that_fails_to_close_does_not_keep_others_open(self, auth: Auth, owner_id: str) -> None:
        secret = await auth.create_long_lived(owner_id, "phone")
        (token,) = auth.list_tokens(owner_id)
        told: list[bool] = []
        auth.on_revoked(token.token_id, lambda: told.remove(False))  # there is none
        auth.on_revoked(token.token_id, lambda: told.append(True))
        await auth.revoke(secret)
        assert told == [True]

    async def test_is_on_disk_when_it_returns(
        self, auth: Auth, owner_id: str, tmp_path: Path, clock: SimulatedClock, passwords: Passwords
    ) -> None:
        secret = await auth.create_long_lived(owner_id, "phone")
        await auth.revoke(secret)
        async with Auth(tmp_path / "auth.db", clock, passwords=passwords) as another:
            assert another.principal_for(secret) is None

    async def test_expired_sessions_are_told_and_forgotten(
        self, auth: Auth, owner_id: str, clock: SimulatedClock
    ) -> None:
        await auth.create_long_lived(owner_id, "visitor", lifespan_days=1)
        (token,) = auth.list_tokens(owner_id)
        told: list[bool] = []
        auth.on_revoked(token.token_id, lambda: told.append(True))
        await clock.advance(DAY + 1)
        await auth.tokens.tidy()
        assert told == [True]
        assert auth.list_tokens(owner_id) == []

    async def test_a_user_who_is_kept_out_loses_every_token(self, auth: Auth, owner_id: str) -> None:
        bob = await auth.users.add(name="Bob", username="bob", password="bob's own")
        access, refresh = await log_in(auth, "bob", "bob's own")
        program = await auth.create_long_lived(bob.user_id, "phone")
        await auth.set_active(bob.user_id, False)
        assert auth.principal_for(access) is None
        assert auth.principal_for(program) is None
        with pytest.raises(AuthenticationFailed):
            await auth.refresh(refresh, CLIENT)
        with pytest.raises(AuthenticationFailed):
            await auth.login("bob", "bob's own", CLIENT, ADDRESS)

    async def test_a_new_password_ends_sessions_and_leaves_programs(self, auth: Auth, owner_id: str) -> None:
        access, _ = await log_in(auth)
        program = await auth.create_long_lived(owner_id, "phone")
        await auth.set_password(owner_id, "another secret")
        assert auth.principal_for(access) is None
        assert auth.principal_for(program) is not None
        await log_in(auth, password="another secret")

    async def test_a_removed_user_is_gone_with_all_tokens(self, auth: Auth, owner_id: str, tmp_path: Path) -> None:
        bob = await auth.users.add(name="Bob", username="bob", password="bob's own")
        access, _ = await log_in(auth, "bob", "bob's own")
        await auth.remove_user(bob.user_id)
        assert auth.principal_for(access) is None
        connection = sqlite3.connect(tmp_path / "auth.db")
        assert connection.execute("SELECT count(*) FROM tokens").fetchone() == (0,)
        connection.close()

    async def test_the_owner_stays(self, auth: Auth, owner_id: str) -> None:
        for change in (
            auth.set_active(owner_id, False),
            auth.remove_user(owner_id),
            auth.users.update(owner_id, role=Role.USER),
        ):
            with pytest.raises(InvalidInput, match="owner"):
                await change


class TestOutside:
    """Another program, such as ``hearth token create``, works on the file while the hub runs."""

    async def test_a_token_made_outside_is_good_soon_and_audited(
        self, auth: Auth, owner_id: str, tmp_path: Path, clock: SimulatedClock, passwords: Passwords, audit: AuditLog
    ) -> None:
        async with Auth(tmp_path / "auth.db", clock, passwords=passwords) as outside:
            secret = await outside.create_long_lived(owner_id, "made outside")
        assert auth.principal_for(secret) is None
        await auth._follow()
        assert auth.principal_for(secret) is not None
        row, *_ = await audit.rows()
        assert (row.kind, row.subject, row.detail) == (
            "token",
            "long_lived",
            {"created": "made outside", "outside": True},
        )

    async def test_a_token_revoked_outside_closes_what_it_holds_open(
        self, auth: Auth, owner_id: str, tmp_path: Path, clock: SimulatedClock, passwords: Passwords
    ) -> None:
        secret = await auth.create_long_lived(owner_id, "phone")
        (token,) = auth.list_tokens(owner_id)
        told = asyncio.Event()
        auth.on_revoked(token.token_id, told.set)
        async with Auth(tmp_path / "auth.db", clock, passwords=passwords) as outside:
            await outside.revoke(secret)
        running = asyncio.create_task(auth.run())
        await clock.settle()
        await clock.advance(1)
        await asyncio.wait_for(told.wait(), 10)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert auth.principal_for(secret) is None

    async def test_following_without_changes_loads_nothing(self, auth: Auth, owner_id: str) -> None:
        await log_in(auth)
        assert await auth.tokens.follow() is False


async def test_logins_and_tokens_are_audited_without_secrets(auth: Auth, owner_id: str, audit: AuditLog) -> None:
    with pytest.raises(AuthenticationFailed):
        await auth.login("a secret!", "ann", CLIENT, ADDRESS)  # the password in the wrong field
    with pytest.raises(AuthenticationFailed):
        await auth.login("ann", "guess", CLIENT, ADDRESS)
    await log_in(auth)
    secret = await auth.create_long_lived(owner_id, "phone")
    await auth.revoke(secret)
    rows = [row for row in reversed(await audit.rows()) if row.kind != "audit"]
    assert [(row.kind, row.subject, row.outcome) for row in rows] == [
        ("user", "ann", "accepted"),
        ("login", "unknown user", "refused"),
        ("login", "ann", "refused"),
        ("login", "ann", "accepted"),
        ("token", "refresh", "accepted"),
        ("token", "long_lived", "accepted"),
        ("token", rows[-1].subject, "accepted"),
    ]
    assert rows[2].detail["address"] == ADDRESS
    assert not any("secret!" in str(row) or secret in str(row) for row in rows)


async def test_a_damaged_file_stops_the_hub_rather_than_ask_for_a_new_owner(
    tmp_path: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "auth.db").write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseDamaged, match=r"auth\.db"):
        await Auth(tmp_path / "auth.db", clock).open()


async def test_a_password_of_an_older_cost_is_hashed_anew_at_the_next_login(
    tmp_path: Path, clock: SimulatedClock, auth: Auth, owner_id: str
) -> None:
    await auth.close()
    stronger = Passwords()
    async with Auth(tmp_path / "auth.db", clock, passwords=stronger) as again:
        await again.login("ann", "a secret!", CLIENT, ADDRESS)
        hash_ = again.users._hashes[owner_id]
        assert hash_ is not None
        assert not stronger.is_outdated(hash_)
        await again.login("ann", "a secret!", CLIENT, ADDRESS)
    await auth.open()
