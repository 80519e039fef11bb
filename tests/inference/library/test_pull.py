"""Models from a server: whole, in parts, over connections that drop, and never anything else than what was promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.errors import InvalidInput, NotFound, Refused, StorageError
from hub.inference.library import ModelStore
from hub.inference.library import pull as pulling
from hub.inference.library.progress import Advance
from hub.inference.library.pull import pull
from tests.inference.library.files import write_gguf
from tests.inference.library.model_server import ModelServer, model_server

REPOSITORY = "house/lamp-GGUF"
SMALL, LARGE = "lamp-Q4_K_M.gguf", "lamp-F16.gguf"
MEGA = 1024 * 1024


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_gguf(tmp_path_factory.mktemp("models") / LARGE, numbers=6 * MEGA).read_bytes()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: bytes) -> AsyncIterator[ModelServer]:
    monkeypatch.setattr(pulling, "_PAUSE", 0.0)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    async with model_server() as serving:
        serving.files = {
            SMALL: write_gguf(tmp_path / SMALL).read_bytes(),
            LARGE: large,
        }
        monkeypatch.setenv("HF_ENDPOINT", serving.address)
        yield serving


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.mark.parametrize("wanted", [SMALL, "*q4_k_m.gguf", "Q4_K_M", "q4"])
async def test_a_file_is_fetched_by_its_name_a_pattern_or_a_part_of_it(
    server: ModelServer, store: ModelStore, wanted: str
) -> None:
    model = await asyncio.to_thread(pull, store, REPOSITORY, wanted)
    assert model.name == "lamp-Q4_K_M"
    assert model.path.read_bytes() == server.files[SMALL]
    assert model.record is not None
    assert model.record.source == f"hf:{REPOSITORY}@0123456789ab/{SMALL}"
    assert model.record.files[0].sha256 == server.sha(SMALL)


async def test_the_token_goes_to_the_server_and_nowhere_else(server: ModelServer, store: ModelStore) -> None:
    server.token = "hf_secret"
    await asyncio.to_thread(pull, store, REPOSITORY, SMALL)
    assert server.told == [None]  # the storage has another address
    server.token = "hf_other"
    with pytest.raises(Refused, match="HF_TOKEN"):
        await asyncio.to_thread(pull, store, REPOSITORY, LARGE)


@pytest.mark.parametrize("abrupt", [False, True])
async def test_a_dropped_connection_is_resumed_where_it_dropped(
    server: ModelServer, store: ModelStore, abrupt: bool
) -> None:
    server.cuts, server.abrupt = [15 * MEGA], abrupt
    shown: list[Advance] = []
    model = await asyncio.to_thread(pull, store, REPOSITORY, LARGE, progress=shown.append)
    assert model.path.read_bytes() == server.files[LARGE]
    assert server.ranges[0] is None
    assert server.ranges[1] == f"bytes={10 * MEGA}-"  # the library writes blocks of 10 MiB
    fetched = [advance.done for advance in shown if advance.task == "Fetching"]
    assert fetched == sorted(fetched)
    assert fetched[-1] == shown[-1].total == len(server.files[LARGE])


async def test_a_command_that_failed_goes_on_where_it_stopped(server: ModelServer, store: ModelStore) -> None:
    server.cuts, server.broken_after = [15 * MEGA], 1
    with pytest.raises(StorageError, match="goes on where this one stopped"):
        await asyncio.to_thread(pull, store, REPOSITORY, LARGE)
    assert [model.name for model in store.list()] == ["home-6m"]
    server.broken_after = None
    await asyncio.to_thread(pull, store, REPOSITORY, LARGE)
    assert server.ranges[-1] == f"bytes={10 * MEGA}-"
    assert store.get("lamp-F16").path.read_bytes() == server.files[LARGE]


async def test_a_file_with_another_hash_is_refused_and_removed(server: ModelServer, store: ModelStore) -> None:
    server.hashes[SMALL] = "ab" * 32
    with pytest.raises(InvalidInput, match=r"abababab.*is removed"):
        await asyncio.to_thread(pull, store, REPOSITORY, SMALL)
    assert [model.name for model in store.list()] == ["home-6m"]
    assert not list(store.folder.rglob("*.part"))
    del server.hashes[SMALL]
    await asyncio.to_thread(pull, store, REPOSITORY, SMALL)


async def test_a_hash_that_is_none_is_refused_before_anything_is_fetched(
    server: ModelServer, store: ModelStore
) -> None:
    server.hashes[SMALL] = "../../../anywhere"
    with pytest.raises(InvalidInput, match="Expected the server to tell the SHA-256"):
        await asyncio.to_thread(pull, store, REPOSITORY, SMALL)
    assert not server.ranges


async def test_all_parts_of_a_split_model_are_fetched(server: ModelServer, store: ModelStore, tmp_path: Path) -> None:
    parts = [f"Q8_0/lamp-Q8_0-0000{number}-of-00002.gguf" for number in (1, 2)]
    for number, name in enumerate(parts):
        server.files[name] = write_gguf(tmp_path / "part.gguf", seed=number).read_bytes()
    model = await asyncio.to_thread(pull, store, REPOSITORY, "Q8_0")
    assert model.name == "lamp-Q8_0"
    assert [file.read_bytes() for file in model.files] == [server.files[name] for name in parts]


async def test_several_models_to_choose_from_are_listed(server: ModelServer, store: ModelStore) -> None:
    with pytest.raises(InvalidInput, match=r"lamp-F16 \(0\.0 GB\), lamp-Q4_K_M"):
        await asyncio.to_thread(pull, store, REPOSITORY)
    with pytest.raises(NotFound, match="it has lamp-F16"):
        await asyncio.to_thread(pull, store, REPOSITORY, "Q2_K")


async def test_what_the_server_does_not_have_is_not_found(server: ModelServer, store: ModelStore) -> None:
    with pytest.raises(NotFound, match="house/chair"):
        await asyncio.to_thread(pull, store, "house/chair", SMALL)
    with pytest.raises(NotFound, match="revision"):
        await asyncio.to_thread(pull, store, REPOSITORY, SMALL, revision="v9")
    with pytest.raises(InvalidInput, match="owner/name"):
        await asyncio.to_thread(pull, store, "no//such", SMALL)


async def test_a_server_that_is_not_there_is_named(store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match=REPOSITORY):
        await asyncio.to_thread(pull, store, REPOSITORY, SMALL)


async def test_what_is_there_already_is_not_fetched_again(server: ModelServer, store: ModelStore) -> None:
    await asyncio.to_thread(pull, store, REPOSITORY, SMALL)
    with pytest.raises(InvalidInput, match="there already"):
        await asyncio.to_thread(pull, store, REPOSITORY, SMALL)
    assert len(server.ranges) == 1
