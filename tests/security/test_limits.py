from __future__ import annotations

import pytest

from hub.core.clock import SimulatedClock
from hub.security.limits import AttemptLimit, canonical_address


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.8.9.1", "127.0.0.1"),
        ("::1", "127.0.0.1"),
        ("0:0:0:0:0:0:0:1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix socket", "unix socket"),
        ("", ""),
    ],
)
def test_one_machine_has_one_address(address: str, canonical: str) -> None:
    assert canonical_address(address) == canonical


async def test_the_window_slides(clock: SimulatedClock) -> None:
    limit = AttemptLimit(clock, most=2, window=10)
    limit.take("a")
    await clock.advance(6)
    limit.take("a")
    assert limit.wait("a") == 4
    assert limit.wait("b") == 0
    await clock.advance(4)
    assert limit.wait("a") == 0
    limit.take("a")
    assert limit.wait("a") == 6


def test_memory_is_bounded_however_many_try(clock: SimulatedClock) -> None:
    limit = AttemptLimit(clock, most=2, window=10)
    for number in range(20_000):
        limit.take(str(number))
    assert len(limit._attempts) == 10_000
