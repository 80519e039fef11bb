"""The models of a hub: what is there, and how it comes and goes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hub.errors import InvalidInput, ModelUnavailable, NotFound, Refused, StorageError
from hub.inference import DEFAULT_MODEL
from hub.inference.library import ModelStore, configured
from hub.inference.library.record import sha256
from tests.inference.library.files import write_gguf


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home" / "models")


def test_the_model_that_comes_with_hearth_is_always_there(store: ModelStore) -> None:
    assert [model.name for model in store.list()] == ["home-6m"]
    assert store.find("home-6m") == store.find("home-6m-q8_0") == store.find("home-6m-q8_0.gguf") == DEFAULT_MODEL
    with pytest.raises(Refused, match="comes with Hearth"):
        store.remove("home-6m")


def test_a_file_that_is_added_is_copied_and_its_hash_written_down(store: ModelStore, tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "mine.gguf")
    model = store.add(file)
    assert model.path == store.folder / "mine.gguf"
    assert model.path.read_bytes() == file.read_bytes()
    assert model.record is not None
    assert model.record.files[0].sha256 == sha256(file)
    assert model.record.source == str(file)
    assert store.find("mine") == model.path
    assert {path.name for path in store.folder.iterdir() if not path.name.startswith(".")} == {"mine.gguf", "mine.json"}


def test_a_linked_file_stays_where_it_is_even_when_the_model_is_removed(store: ModelStore, tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "mine.gguf")
    assert store.add(file, name="other", link=True).path.resolve() == file
    store.remove("other")
    assert file.is_file()
    assert [model.name for model in store.list()] == ["home-6m"]


def test_the_parts_of_a_split_model_come_together(store: ModelStore, tmp_path: Path) -> None:
    for number in (1, 2):
        write_gguf(tmp_path / f"big-0000{number}-of-00002.gguf", seed=number)
    model = store.add(tmp_path / "big-00002-of-00002.gguf", name="mine")
    assert [file.name for file in model.files] == ["mine-00001-of-00002.gguf", "mine-00002-of-00002.gguf"]
    assert store.find("mine") == model.files[0]
    (tmp_path / "big-00001-of-00002.gguf").unlink()
    with pytest.raises(InvalidInput, match=r"big-00001-of-00002\.gguf is missing"):
        store.add(tmp_path / "big-00002-of-00002.gguf")


def test_a_name_is_taken_once(store: ModelStore, tmp_path: Path) -> None:
    store.add(write_gguf(tmp_path / "mine.gguf"))
    with pytest.raises(InvalidInput, match="mine is there already"):
        store.add(tmp_path / "mine.gguf")
    with pytest.raises(InvalidInput, match="home-6m is there already"):
        store.add(tmp_path / "mine.gguf", name="home-6m")


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "x.gguf", "a b", "-x"])
def test_a_name_that_leads_elsewhere_is_refused(store: ModelStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="Expected a name"), store.place(name, "here"):
        pass
    assert not list(tmp_path.rglob("*.gguf"))


def test_what_is_no_gguf_file_is_not_taken_in(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("GGUF? no")
    with pytest.raises(ModelUnavailable, match=r"text\.gguf"):
        store.add(tmp_path / "text.gguf")
    with pytest.raises(NotFound, match="found none at"):
        store.add(tmp_path / "none.gguf")
    cut = write_gguf(tmp_path / "cut.gguf")
    cut.write_bytes(cut.read_bytes()[:-100])
    with pytest.raises(ModelUnavailable, match="cut off"):
        store.add(cut)
    assert [model.name for model in store.list()] == ["home-6m"]


def test_files_that_were_put_there_by_hand_are_models_too(store: ModelStore) -> None:
    store.folder.mkdir(parents=True)
    write_gguf(store.folder / "by-hand.gguf")
    assert store.get("by-hand").record is None
    assert store.find("by-hand.gguf") == store.folder / "by-hand.gguf"
    store.remove("by-hand")
    assert not (store.folder / "by-hand.gguf").exists()


def test_an_unknown_name_is_answered_with_those_that_there_are(store: ModelStore, tmp_path: Path) -> None:
    store.add(write_gguf(tmp_path / "mine.gguf"))
    with pytest.raises(NotFound, match="There are home-6m, mine"):
        store.find("yours")
    assert store.find(tmp_path / "mine.gguf") == tmp_path / "mine.gguf"


def test_a_model_whose_file_is_gone_is_named_with_the_remedy(store: ModelStore, tmp_path: Path) -> None:
    store.add(write_gguf(tmp_path / "mine.gguf")).path.unlink()
    with pytest.raises(NotFound, match="hearth model remove mine"):
        store.find("mine")
    store.remove("mine")
    assert [model.name for model in store.list()] == ["home-6m"]


@pytest.mark.parametrize(
    "content", [b"{", b'{"name": 3}', b'{"name": "mine", "source": "", "added": 0, "files": []}', b"\xff"]
)
def test_a_damaged_record_is_named_and_its_model_is_one_without(
    store: ModelStore, tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store.add(write_gguf(tmp_path / "mine.gguf"))
    (store.folder / "mine.json").write_bytes(content)
    assert store.get("mine").record is None
    assert "mine.json" in caplog.text
    store.remove("mine")
    assert not (store.folder / "mine.json").exists()


def test_a_record_that_names_files_elsewhere_is_not_followed(store: ModelStore, tmp_path: Path) -> None:
    store.add(write_gguf(tmp_path / "mine.gguf"))
    record = json.loads((store.folder / "mine.json").read_text())
    record["files"][0]["name"] = "../../mine.gguf"
    (store.folder / "mine.json").write_text(json.dumps(record))
    store.remove("mine")
    assert (tmp_path / "mine.gguf").is_file()


def test_nothing_remains_of_work_that_failed(store: ModelStore) -> None:
    with pytest.raises(RuntimeError):
        _fail(store, resume=False)
    assert not [path for path in store.folder.rglob("*.*") if path.is_file() and path.suffix != ".lock"]


def test_what_can_be_gone_on_with_remains(store: ModelStore) -> None:
    with pytest.raises(RuntimeError):
        _fail(store, resume=True)
    with store.place("mine", "test", resume=True) as incoming:
        assert (incoming.folder / "half.part").read_bytes() == b"half"
        write_gguf(incoming.folder / "whatever.gguf")
    assert store.get("mine").path.name == "mine.gguf"


def test_two_processes_do_not_make_the_same_model(store: ModelStore) -> None:
    with store.place("mine", "first") as incoming:
        with pytest.raises(Refused, match="another process"), store.place("mine", "second"):
            pass
        write_gguf(incoming.folder / "mine.gguf")
    assert store.get("mine").record is not None


def test_the_configuration_names_a_model_or_a_file(store: ModelStore, tmp_path: Path) -> None:
    home = store.folder.parent
    added = store.add(write_gguf(tmp_path / "mine.gguf"))
    write_gguf(home / "beside.gguf")
    assert configured(home, None) == DEFAULT_MODEL
    assert configured(home, "mine") == added.path
    assert configured(home, "beside.gguf") == home / "beside.gguf"
    assert configured(home, str(tmp_path / "mine.gguf")) == tmp_path / "mine.gguf"
    with pytest.raises(NotFound, match="There are home-6m, mine"):
        configured(home, "other")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        (tmp_path / "models").write_text("a file, since root may write to any folder")
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="models"):
        ModelStore(tmp_path / "models").add(DEFAULT_MODEL, name="mine")


def _fail(store: ModelStore, *, resume: bool) -> None:
    with store.place("mine", "test", resume=resume) as incoming:
        (incoming.folder / "half.part").write_bytes(b"half")
        write_gguf(incoming.folder / "mine.gguf").rename(incoming.folder / "mine.gguf.part")
        raise RuntimeError
