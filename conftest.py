"""Fixtures for the tests of the hub and of every integration."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent
collect_ignore = ["integrations/_template"]  # tests/cli makes a package of it, and runs that one's tests
settings.register_profile("hearth", deadline=None)  # a busy machine is no defect of the code
settings.load_profile("hearth")
CORPUS = ROOT.parent / "shared" / "corpus"
ADMIN_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])  # mosquitto lives there
THREAD_GRACE_S = 5.0
LASTING_THREADS = ("_run_safe_shutdown_loop",)  # pycares, with which aiohttp looks names up where it is installed


class Peer(Protocol):
    """Finds a foreign program that a test talks to."""

    def __call__(self, name: str, install: str) -> str: ...


class Corpus(Protocol):
    """Finds a file or folder of the corpus, which is no part of the repository."""

    def __call__(self, name: str) -> Path: ...


@pytest.fixture(scope="session")
def peer() -> Peer:
    """``peer("mosquitto", "apt-get install mosquitto")`` is its path; without it the test is skipped.

    With HEARTH_REQUIRE_PEERS=1 the test fails instead, so that CI cannot pass by testing nothing.
    """

    def find(name: str, install: str) -> str:
        found = shutil.which(name, path=ADMIN_PATH)
        if found is not None:
            return found
        reason = f"this test talks to {name}, which is not installed: {install}"
        if os.environ.get("HEARTH_REQUIRE_PEERS") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)

    return find


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """``corpus("mqtt_discovery")`` is the path of that part; where there is none the test is skipped."""

    def find(name: str) -> Path:
        if not (CORPUS / name).exists():
            pytest.skip(f"this test reads {name} of a corpus beside the repository, which is not there")
        return CORPUS / name

    return find


@pytest.fixture(autouse=True)
def _no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread of its own behind."""
    before = set(threading.enumerate())
    yield
    if _shares_its_loop(request):
        return
    deadline = time.monotonic() + THREAD_GRACE_S
    lasting = {thread for thread in threading.enumerate() if any(name in thread.name for name in LASTING_THREADS)}
    started = [thread for thread in threading.enumerate() if thread not in before | lasting]
    for thread in started:
        thread.join(max(0.0, deadline - time.monotonic()))
    leaked = [thread.name for thread in started if thread.is_alive()]
    assert not leaked, f"threads outlived their test: {', '.join(leaked)}"


@pytest.fixture(autouse=True)
def _no_leaked_tasks(request: pytest.FixtureRequest, _no_leaked_threads: None) -> Iterator[None]:
    """Fail an asynchronous test that leaves a task behind when its fixtures are gone.

    Threads are looked at after that: the loop's own end with it.
    """
    runner = _runner(request)
    yield
    if runner is not None:
        leaked = [task.get_name() for task in asyncio.all_tasks(runner.get_loop())]
        assert not leaked, f"tasks outlived their test: {', '.join(leaked)}"


def _runner(request: pytest.FixtureRequest) -> asyncio.Runner | None:
    """Return the runner of an asynchronous test; having asked for it, we are torn down before it and after the rest."""
    if request.node.get_closest_marker("asyncio") is None or _shares_its_loop(request):
        return None
    runner: asyncio.Runner = request.getfixturevalue("_function_scoped_runner")
    return runner


def _shares_its_loop(request: pytest.FixtureRequest) -> bool:
    """Say whether a test shares a loop with others: what their module runs goes on between them, in threads too."""
    marker = request.node.get_closest_marker("asyncio")
    return marker is not None and marker.kwargs.get("loop_scope", "function") != "function"
