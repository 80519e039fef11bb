from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters

from hub.errors import InvalidInput
from hub.security import Passwords


@pytest.mark.parametrize("password", ["a secret!", "密码密码密码密码", "x" * 1024, "half \ud800 pair"])
async def test_a_password_fits_its_own_hash_only(passwords: Passwords, password: str) -> None:
    hash_ = await passwords.hash(password)
    assert await passwords.check(hash_, password)
    assert not await passwords.check(hash_, password + "x")
    assert not await passwords.check(await passwords.hash("another one"), password)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
async def test_weak_or_endless_passwords_are_refused(passwords: Passwords, password: str) -> None:
    with pytest.raises(InvalidInput, match="8 to 1024 characters"):
        await passwords.hash(password)


async def test_checking_a_user_who_does_not_exist_costs_as_much() -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=64, parallelism=2)
    passwords = Passwords(hasher)
    assert extract_parameters(passwords.nobody) == extract_parameters(await passwords.hash("a secret!"))
    assert not await passwords.check(passwords.nobody, "a secret!")


async def test_what_is_no_hash_fits_no_password(passwords: Passwords) -> None:
    assert not await passwords.check("$argon2id$nonsense", "a secret!")
    assert not await passwords.check("", "a secret!")
