"""The scripts a newcomer meets, and what they install from."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bootstrap import job, run, setup, step
from bootstrap.progress import Progress

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
HOST_OR_URL = re.compile(r"://|\bfile:|(?:^|\s)-[if]\b|--(?:extra-)?index|--find-links", re.MULTILINE)
PIN = re.compile(r"^[a-z0-9][a-z0-9.-]*==\S+", re.MULTILINE)


def script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [ROOT / "script" / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize("name", ["run", "test", "check", "bench"])
def test_every_script_tells_what_it_does(name: str) -> None:
    result = script(name, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(f"script/{name}")


def test_an_unknown_benchmark_is_refused_with_the_way_to_list_them() -> None:
    result = script("bench", "no_such_benchmark")
    assert result.returncode == 2
    assert "`script/bench` lists them" in result.stderr


def test_an_unknown_check_is_refused_with_the_known_ones() -> None:
    result = script("check", "no-such-check")
    assert result.returncode == 2
    assert "format, lint, types" in result.stderr


def test_an_unknown_peer_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, str(ROOT / "script"), "peers", "no-such-peer"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "home-assistant" in result.stderr


def test_without_a_new_enough_python_the_remedy_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "script", tmp_path / "script")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cat", "echo"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    result = subprocess.run(
        [tmp_path / "script" / "run"], env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "Expected Python 3.11 or newer on PATH, found none" in result.stderr
    assert "apt install python3" in result.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host_and_no_address(lock: Path) -> None:
    assert not HOST_OR_URL.search(lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_of_a_lock_has_a_version_and_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", lock.read_text()).strip())
    assert all(PIN.match(entry) and "--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("member", [ROOT, *sorted(path.parent for path in ROOT.glob("integrations/*/pyproject.toml"))])
def test_every_dependency_is_locked(member: Path) -> None:
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    wanted = {_name(text) for texts in (project.get("dependencies", []), *extras) for text in texts}
    locked = {_name(pin) for lock in ("run.txt", "llama.txt", "dev.txt") for pin in PIN.findall(_lock(lock))}
    ours = {name for name in wanted if name.startswith("hearth-")}
    assert wanted - locked - ours == set()


def test_a_step_is_needed_until_stamped_and_again_when_an_input_changes(tmp_path: Path) -> None:
    source = tmp_path / "lock.txt"
    source.write_text("a==1")
    example = _step(tmp_path, inputs=[source])
    assert example.is_needed()
    example.stamp()
    assert not example.is_needed()
    source.write_text("a==2")
    assert example.is_needed()


def test_a_step_is_needed_when_its_product_is_gone(tmp_path: Path) -> None:
    product = tmp_path / "made"
    product.touch()
    example = _step(tmp_path, products=(product,))
    example.stamp()
    assert not example.is_needed()
    product.unlink()
    assert example.is_needed()


def test_a_new_environment_has_everything_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "BUILD", tmp_path)
    monkeypatch.setattr(setup, "BUILD", tmp_path)
    done: list[str] = []
    environment = dataclasses.replace(_step(tmp_path), name="environment", work=lambda _: done.append("environment"))
    installed = dataclasses.replace(_step(tmp_path), name="installed", work=lambda _: done.append("installed"))
    monkeypatch.setattr(setup, "ENVIRONMENT", environment)
    installed.stamp()
    setup.prepare([environment, installed])
    setup.prepare([environment, installed])
    assert done == ["environment", "installed"]


def test_a_failing_command_names_its_log_and_the_remedy(a_job: job.Job) -> None:
    with pytest.raises(job.StepFailed, match="ended with status 3") as failed:
        a_job.run(sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)")
    assert failed.value.remedy == "plug it in"
    assert job.tail(a_job.log)[-1] == "what went wrong"


def test_an_interrupted_command_leaves_no_process_behind(
    a_job: job.Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usr1_interrupts: None
) -> None:
    alive, watched = tmp_path / "alive", tmp_path / "watched"
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    monkeypatch.setattr(Progress, "tick", lambda _, words: watched.touch())
    once_watched = f"until [ -e {watched} ]; do sleep 0.02; done; kill -USR1 $PPID"
    with pytest.raises(KeyboardInterrupt):
        a_job.run("sh", "-c", f"sleep 1000 > {alive} & {once_watched}; wait")
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # the end of the file comes when the sleeping writer is gone
    os.close(reader)


def test_a_failing_optional_step_is_explained_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(job, "BUILD", tmp_path)
    monkeypatch.setattr(setup, "BUILD", tmp_path)
    failing = dataclasses.replace(_step(tmp_path, products=(tmp_path,)), work=lambda it: it.run("false"), optional=True)
    other = dataclasses.replace(_step(tmp_path), name="other")
    setup.prepare([failing, other], strict=False)
    assert failing.is_needed()
    assert not other.is_needed()
    assert "What helps: plug it in" in capsys.readouterr().out


def test_the_count_of_compiled_files_is_what_a_log_says_last(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("  [41/79] g++ -c a.cpp\nwarning: unused\n")
    assert job.last_words(log) == "compiling 41 of 79"


@pytest.mark.parametrize(
    ("files", "demo"),
    [
        ([], True),
        (["notes.txt"], True),
        ([".hearth/demo"], True),
        (["hearth.yaml"], False),
        (["hearth.yaml", ".hearth/demo"], False),
        ([".hearth/core.json"], False),
    ],
)
def test_the_demo_runs_until_there_is_a_home_of_ones_own(tmp_path: Path, files: Sequence[str], demo: bool) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert run.wants_demo(tmp_path) is demo


@pytest.mark.parametrize("words", [["--config", "/home/me"], ["--port", "1", "--config=/home/me"]])
def test_the_configuration_folder_is_the_one_after_config(words: Sequence[str]) -> None:
    assert run.config_folder(words) == Path("/home/me")


@pytest.fixture
def a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> job.Job:
    monkeypatch.setattr(job, "BUILD", tmp_path)
    return job.Job("example", Progress(1, 1, "Example", "a moment"), "plug it in")


@pytest.fixture
def usr1_interrupts() -> Iterator[None]:
    """Let a child process press Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


def _step(folder: Path, *, inputs: Sequence[Path] = (), products: tuple[Path, ...] = ()) -> step.Step:
    return step.Step(
        name="example",
        title="Example",
        takes="a moment",
        inputs=lambda: inputs,
        products=products,
        stamps=folder / "stamps",
        work=lambda _: None,
        remedy="plug it in",
    )


def _lock(name: str) -> str:
    return (ROOT / "requirements" / name).read_text()


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-").replace(".", "-")
