"""The peer llama-server: llama.cpp's own server, made of the very source that llama-cpp-python brings.

So both sides of a benchmark run the same kernels, and what differs is what is built around them. CMAKE_ARGS reaches
this build as it reaches the package's.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bootstrap.environment import install_locked
from bootstrap.job import Job
from bootstrap.llama import BUILD_LOCK, COMPILER_REMEDY, LOCK, build_target
from bootstrap.paths import BUILD, PYTHON, user_cache
from bootstrap.step import Step, digest

FOLDER = BUILD / "peers" / "llama-server"
SETTINGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON",  # its libraries are looked for beside it, wherever that is
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
)


def kept_folder() -> Path:
    """Return where the build for this machine is kept for the next checkout: another processor or setting has another one."""
    return user_cache() / "peers" / f"llama-server-{digest(_inputs())[:16]}"


def _install(job: Job) -> None:
    if not kept_folder().is_dir():
        _build(job)
    _place(kept_folder(), FOLDER)


def _build(job: Job) -> None:
    with tempfile.TemporaryDirectory(prefix="hearth-llama-server-") as folder:
        tools, source, build = (Path(folder, name) for name in ("tools", "source", "build"))
        install_locked(job, BUILD_LOCK.name, "--target", tools)
        _download(job, tools, source)
        vendored = next(source.glob("*/vendor/llama.cpp"))
        cmake, path = tools / "bin" / "cmake", f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}"
        settings = (*SETTINGS, *shlex.split(os.environ.get("CMAKE_ARGS", "")))
        job.run(cmake, "-G", "Ninja", "-S", vendored, "-B", build, *settings, PATH=path, PYTHONPATH=str(tools))
        job.run(cmake, "--build", build, "--target", "llama-server", PATH=path, PYTHONPATH=str(tools))
        _place(build, kept_folder())


def _download(job: Job, tools: Path, folder: Path) -> None:
    """Fetch and unpack the locked source. pip asks the build tools for the package's name, so they are at hand."""
    pip = (PYTHON, "-m", "pip", "download", "--no-build-isolation", "--disable-pip-version-check")
    exactly = ("--require-hashes", "--no-deps", "--no-binary=:all:", "-r", LOCK)
    job.run(*pip, *exactly, "--dest", folder, PYTHONPATH=str(tools))
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")


def _place(source: Path, target: Path) -> None:
    """Copy the programs in one step, so that nobody finds half of them."""
    part = target.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(source / "bin", part / "bin", symlinks=True)
    shutil.rmtree(target, ignore_errors=True)
    part.replace(target)


def _inputs() -> Iterable[Path | str]:
    return [LOCK, BUILD_LOCK, *SETTINGS, *build_target()]


LLAMA_SERVER = Step(
    name="peer-llama-server",
    title="llama-server, to compare with",
    takes="5 to 10 minutes; 77 MB, and 20 MB kept",
    inputs=_inputs,
    products=(FOLDER / "bin" / "llama-server",),
    stamps=BUILD / "stamps",
    work=_install,
    remedy=COMPILER_REMEDY,
)
