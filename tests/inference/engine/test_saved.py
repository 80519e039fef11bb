"""Saved states: what comes back is what was written, or it is refused."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="numpy is not installed, so there is no local model to test")

from hub.errors import StorageError  # noqa: E402
from hub.inference.engine.container import StateRefused, read, sealed_size  # noqa: E402
from hub.inference.engine.saved import StateCache, StateKey, fingerprint, load, save  # noqa: E402

KEY = StateKey(
    model="0" * 64,
    library="0.3.36",
    context=4096,
    key_type="f16",
    value_type="f16",
    flash_attention=False,
    unified=True,
)
SECRET = b"s" * 32
ABOUT = KEY.digest()
TOKENS = [1, 5, 9, 2**31 - 1]
MEBIBYTE = 1024 * 1024
LARGE = 10**9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("states")


@pytest.fixture(scope="module")
def sealed(folder: Path) -> bytes:
    """The bytes of a small state's file."""
    save(folder / "small.state", SECRET, ABOUT, TOKENS, bytes(range(200)))
    return (folder / "small.state").read_bytes()


def refused(content: bytes, *, secret: bytes = SECRET, about: bytes = ABOUT) -> bool:
    try:
        read(BufferedReader(BytesIO(content)), secret, about)
    except StateRefused:
        return True
    return False


@given(tokens=st.lists(st.integers(0, 2**31 - 1), max_size=300), state=st.binary(max_size=2000))
@settings(deadline=None)
def test_tokens_and_state_come_back(folder: Path, tokens: list[int], state: bytes) -> None:
    path = folder / "any.state"
    save(path, SECRET, ABOUT, tokens, state)
    found, restored = load(path, SECRET, ABOUT)
    assert found.tolist() == tokens
    assert restored.tobytes() == state
    assert path.stat().st_size == sealed_size(len(tokens), len(state))


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE])
def test_a_state_of_any_number_of_blocks_comes_back(tmp_path: Path, size: int) -> None:
    state = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    save(tmp_path / "one.state", SECRET, ABOUT, TOKENS, state.data)
    assert (load(tmp_path / "one.state", SECRET, ABOUT)[1] == state).all()


def test_every_flipped_bit_is_refused(sealed: bytes) -> None:
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        assert refused(bytes(flipped)), f"bit {bit}"


def test_every_truncation_and_extension_is_refused(sealed: bytes) -> None:
    for length in range(len(sealed)):
        assert refused(sealed[:length]), f"{length} bytes"
    assert refused(sealed + b"\0")


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_other_bytes_are_refused(sealed: bytes, content: bytes, beginning: bool) -> None:
    content = sealed[:80] + content if beginning else content
    assert content == sealed or refused(content)


def test_blocks_that_change_places_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.state"
    save(path, SECRET, ABOUT, [], bytes(2 * MEBIBYTE))
    content = path.read_bytes()
    block = MEBIBYTE + 16
    head = content[: -2 * block]
    assert refused(head + content[-block:] + content[-2 * block : -block])


def test_blocks_of_another_file_of_the_same_secret_are_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one.state", tmp_path / "other.state"
    save(one, SECRET, ABOUT, TOKENS, b"on")
    save(other, SECRET, ABOUT, TOKENS, b"of")
    assert refused(one.read_bytes()[:-18] + other.read_bytes()[-18:])


def test_another_secret_is_refused(sealed: bytes) -> None:
    assert refused(sealed, secret=b"t" * 32)


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, model="1" * 64),
        replace(KEY, library="0.3.37"),
        replace(KEY, context=8192),
        replace(KEY, key_type="q8_0"),
        replace(KEY, value_type="q8_0"),
        replace(KEY, flash_attention=True),
        replace(KEY, unified=False),
        replace(KEY, more="rope 2"),
    ],
)
def test_a_state_of_another_model_version_or_setting_is_refused(sealed: bytes, other: StateKey) -> None:
    assert refused(sealed, about=other.digest())


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(StateRefused):
            load(path, SECRET, ABOUT)


def test_a_failed_write_leaves_the_old_state_and_nothing_else(tmp_path: Path, sealed: bytes) -> None:
    path = tmp_path / "one.state"
    path.write_bytes(sealed)
    with pytest.raises(OverflowError):
        save(path, SECRET, ABOUT, [2**40], b"new")
    assert path.read_bytes() == sealed
    assert list(tmp_path.iterdir()) == [path]


def test_the_state_with_the_longest_common_beginning_is_found(tmp_path: Path) -> None:
    cache = StateCache(tmp_path, LARGE, KEY)
    for tokens in ([1, 2, 3, 4], [1, 2, 9], [1, 2, 3, 4, 5, 6], [7]):
        assert cache.save(tokens, bytes(tokens))
    found = cache.find([1, 2, 3, 4, 8])
    assert found is not None
    assert (found.common, found.tokens.tolist()) == (4, [1, 2, 3, 4])
    assert cache.load(found)[0] == [1, 2, 3, 4]
    assert cache.load(found)[1].tobytes() == bytes([1, 2, 3, 4])
    assert cache.find([8]) is None
    assert cache.find([]) is None


def test_a_new_cache_finds_what_an_earlier_one_kept_for_the_same_key_only(tmp_path: Path) -> None:
    StateCache(tmp_path, LARGE, KEY).save(TOKENS, b"state")
    again = StateCache(tmp_path, LARGE, KEY)
    found = again.find(TOKENS)
    assert found is not None
    assert again.load(found)[1].tobytes() == b"state"
    assert StateCache(tmp_path, LARGE, replace(KEY, context=1)).find(TOKENS) is None
    assert StateCache(tmp_path, LARGE, KEY).find(TOKENS) is not None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    size = sealed_size(1, 1000)
    cache = StateCache(tmp_path, 3 * size, KEY)
    for token in (1, 2, 3):
        cache.save([token], bytes(1000))
    for age, path in enumerate(sorted(tmp_path.glob("*.state"), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, (age + 1, age + 1))
    used = cache.find([1])
    assert used is not None
    cache.load(used)
    cache.save([4], bytes(1000))
    assert [token for token in (1, 2, 3, 4) if cache.find([token])] == [1, 3, 4]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.state")) == 3 * size


def test_a_state_larger_than_the_limit_is_not_kept_and_drives_nothing_out(tmp_path: Path) -> None:
    cache = StateCache(tmp_path, 2000, KEY)
    assert cache.save([1], bytes(1000))
    assert not cache.save([2], bytes(2000))
    assert cache.find([1]) is not None
    assert len(cache) == 1


def test_the_same_tokens_are_kept_once(tmp_path: Path) -> None:
    cache = StateCache(tmp_path, LARGE, KEY)
    cache.save(TOKENS, b"first")
    cache.save(TOKENS, b"second")
    found = cache.find(TOKENS)
    assert found is not None
    assert cache.load(found)[1].tobytes() == b"second"
    assert len(list(tmp_path.glob("*.state"))) == len(cache) == 1


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-1]), Path.unlink])
def test_a_damaged_or_vanished_state_is_refused_once_and_then_forgotten(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    cache = StateCache(tmp_path, LARGE, KEY)
    cache.save(TOKENS, b"state")
    found = cache.find(TOKENS)
    assert found is not None
    damage(found.path)
    with pytest.raises(StateRefused):
        cache.load(found)
    assert cache.find(TOKENS) is None
    assert not found.path.exists()


def test_damaged_files_do_not_hinder_the_start(tmp_path: Path) -> None:
    cache = StateCache(tmp_path, LARGE, KEY)
    cache.save(TOKENS, b"state")
    (tmp_path / "bad.state").write_bytes(b"HEARTHS1" + bytes(100))
    (tmp_path / "empty.state").touch()
    (tmp_path / "folder.state").mkdir()
    assert len(StateCache(tmp_path, LARGE, KEY)) == 1


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    StateCache(tmp_path / "states", LARGE, KEY).save(TOKENS, b"state")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "states").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "states").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_secret_is_replaced_and_with_it_all_states(tmp_path: Path, content: bytes) -> None:
    StateCache(tmp_path, LARGE, KEY).save(TOKENS, b"state")
    (tmp_path / "states.key").write_bytes(content)
    assert StateCache(tmp_path, LARGE, KEY).find(TOKENS) is None


def test_a_secret_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    StateCache(tmp_path, LARGE, KEY).save(TOKENS, b"state")
    before = (tmp_path / "states.key").read_bytes()
    (tmp_path / "states.key").chmod(0o644)
    assert StateCache(tmp_path, LARGE, KEY).find(TOKENS) is None
    assert (tmp_path / "states.key").read_bytes() != before


def test_what_a_crash_left_unfinished_is_removed_when_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / "a.unfinished", tmp_path / "b.unfinished"
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    StateCache(tmp_path, LARGE, KEY)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_folder_that_cannot_be_used_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=re.escape(str(tmp_path))):
        StateCache(tmp_path / "file" / "states", LARGE, KEY)


def test_a_fingerprint_tells_files_apart_that_differ_far_behind_their_beginning(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    content = bytes(20 * MEBIBYTE)
    one.write_bytes(content)
    other.write_bytes(content)
    assert fingerprint(one) == fingerprint(other)
    other.write_bytes(content[:-1] + b"x")
    assert fingerprint(one) != fingerprint(other)
    other.write_bytes(content[:-1])
    assert fingerprint(one) != fingerprint(other)
