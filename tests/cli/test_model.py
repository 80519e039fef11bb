"""``hearth model`` as a user meets it: words, tables, JSON and exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest

from hub.cli.main import main
from hub.cli.progress import line
from hub.inference import DEFAULT_MODEL
from hub.inference.library.progress import Advance, Unit
from tests.cli.conftest import hearth

pytest.importorskip("gguf", reason="the extra 'models' is not installed")
from tests.inference.library.checkpoints import BLOCKS, write_checkpoint
from tests.inference.library.files import write_gguf
from tests.inference.library.model_server import model_server

Model = Callable[..., tuple[int, str, str]]


@pytest.fixture
def model(capsys: pytest.CaptureFixture[str], folder: Path) -> Model:
    """Return ``hearth model`` in this process; answers the exit code and what was printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["model", *arguments, "--config", str(folder)])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def mine(model: Model, tmp_path: Path) -> Path:
    """Return a file that was added as ``mine``."""
    file = write_gguf(tmp_path / "mine.gguf")
    assert model("add", str(file))[0] == 0
    return file


def test_the_list_shows_what_each_model_is_and_which_is_in_use(model: Model, mine: Path, folder: Path) -> None:
    lines = model("list")[1].splitlines()
    assert lines[0].split() == ["NAME", "WEIGHTS", "KIND", "CONTEXT", "SIZE"]
    assert lines[1].split() == ["home-6m", "5.9", "M", "Q8_0", "512", "6.4", "MB", "in", "use"]
    assert lines[2].split()[:5] == ["mine", "0.0", "M", "F32", "512"]
    (folder / "hearth.yaml").write_text("inference:\n  model: mine\n")
    rows = json.loads(model("list", "--json")[1])
    assert {row["name"]: row["in_use"] for row in rows} == {"home-6m": False, "mine": True}
    assert rows[1]["source"] == str(mine)


@pytest.mark.usefixtures("mine")
def test_a_damaged_file_is_shown_in_the_list(model: Model, folder: Path) -> None:
    (folder / "models" / "mine.gguf").write_bytes(b"GGUF")
    code, out, _ = model("list")
    assert code == 0
    assert "cut off" in out.splitlines()[2]


@pytest.mark.usefixtures("mine")
def test_a_model_that_is_in_use_is_not_removed_by_mistake(model: Model, folder: Path) -> None:
    (folder / "hearth.yaml").write_text("inference:\n  model: mine\n")
    code, _, err = model("remove", "mine")
    assert (code, "choose another" in err) == (4, True)
    assert model("remove", "mine", "--force") == (0, "mine is removed, 0.0 MB\n", "")
    assert model("remove", "mine")[0] == 3
    assert model("remove", "home-6m")[0] == 4


def test_a_checkpoint_becomes_a_small_model(model: Model, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "tiny", "llama-2", sizes=BLOCKS)
    assert json.loads(model("convert", str(tmp_path / "tiny"), "--json")[1])["name"] == "tiny-f16"
    code, out, _ = model("quantize", "tiny-f16", "--threads", "1")
    assert code == 0
    assert re.fullmatch(r"tiny-Q4_K_M: \d\.\d MB before, \d\.\d MB after, 6\d\.\d % smaller, in \d+ s\n", out)
    rows = json.loads(model("list", "--json")[1])
    assert [(row["name"], row["quantisation"]) for row in rows][1:] == [("tiny-Q4_K_M", "Q4_K_M"), ("tiny-f16", "F16")]
    code, _, err = model("quantize", "tiny-Q4_K_M", "Q2_K")
    assert (code, "--requantize" in err) == (1, True)


def test_what_cannot_be_converted_leaves_nothing_behind(model: Model, folder: Path, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "tiny", "llama-2")
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    code, _, err = model("convert", str(tmp_path / "tiny"))
    assert (code, "missing" in err) == (1, True)
    assert not list((folder / "models").rglob("*.gguf"))


def test_a_hash_that_has_changed_is_found(model: Model, folder: Path) -> None:
    model("add", str(DEFAULT_MODEL), "--name", "mine")
    checks = json.loads(model("verify", "mine", "--no-run", "--json")[1])
    assert [check["good"] for check in checks] == [True, True, True]
    file = folder / "models" / "mine.gguf"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    code, out, _ = model("verify", "mine", "--no-run")
    assert (code, "BAD" in out.splitlines()[1]) == (1, True)


async def test_a_model_is_pulled_from_a_server(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_gguf(tmp_path / "lamp.gguf").read_bytes()
    async with model_server() as server:
        server.files["lamp-Q4_K_M.gguf"] = content
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        assert (await hearth("model", "pull", "house/lamp-GGUF", folder=folder))[0] == 0
        code, _, err = await hearth("model", "pull", "house/chair", folder=folder)
    assert (folder / "models" / "lamp-Q4_K_M.gguf").read_bytes() == content
    assert (code, err.startswith("hearth: Expected a repository house/chair")) == (3, True)


async def test_many_commands_that_add_one_name_do_not_disturb_each_other(folder: Path, tmp_path: Path) -> None:
    file = str(write_gguf(tmp_path / "mine.gguf"))
    results = await asyncio.gather(*(hearth("model", "add", file, folder=folder) for _ in range(3)))
    assert min(code for code, _, _ in results) == 0
    assert sum(code == 0 for code, _, _ in results) == 1
    assert {path.name for path in (folder / "models").glob("*.*")} >= {"mine.gguf", "mine.json"}


async def test_a_model_that_runs_is_verified(folder: Path) -> None:
    code, out, err = await hearth("model", "verify", "home-6m", folder=folder)
    assert code == 0, out + err
    assert "wrote" in out.splitlines()[-1]


async def test_the_bench_prints_a_report(folder: Path) -> None:
    options = ("--prompt", "200", "--tokens", "8", "--requests", "1,2", "--threads", "1")
    code, out, err = await hearth("model", "bench", "home-6m", *options, folder=folder)
    assert (code, err) == (0, "")
    assert out.startswith("home-6m-q8_0, 6.4 MB\n")
    known = re.search(r"prompt known +[\d.]+ s, (\d+) tokens reused, ([\d.]+) times faster", out)
    assert known is not None
    assert int(known[1]) > 100
    assert [row.split()[0] for row in out.splitlines()[-3:-1]] == ["1", "2"]
    assert "run with threads 1" in out.splitlines()[-1]


async def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(model: Model, folder: Path, tmp_path: Path) -> None:
    file = str(write_gguf(tmp_path / "mine.gguf", numbers=1024 * 1024))
    assert model("add", file) == (0, ANY, "")
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", "model", "add", file, "--name", "other", "--config", str(folder),
        stdout=asyncio.subprocess.DEVNULL, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    assert await process.wait() == 0
    drawn = os.read(master, 65536).decode()
    os.close(master)
    assert "Copying [########################] 100%  4.2 MB of 4.2 MB  mine.gguf" in drawn
    assert drawn.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("advance", "seconds", "text"),
    [
        (
            Advance(task="Fetching", done=1_000_000_000, total=4_000_000_000, unit=Unit.BYTES, detail="a.gguf"), 50.0,
            "Fetching [######                  ]  25%  1.00 GB of 4.00 GB  20.0 MB/s  2 min 30 s left  a.gguf",
        ),
        (Advance(task="Measuring", done=1, total=4, detail="4 at a time"), 0.5, "Measuring [######                  ]  25%  4 at a time"),
        (Advance(task="Measuring", done=4, total=4), 9.0, "Measuring [########################] 100%"),
    ],
)  # fmt: skip
def test_the_bar_says_how_far_it_is_and_how_long_it_takes(advance: Advance, seconds: float, text: str) -> None:
    assert line(advance, seconds) == text
