"""The step that builds llama-cpp-python: only what the hub loads, tuned to this processor, kept for the next checkout.

The package comes as source alone, and builds three times as much as it needs: llama.cpp's server helpers and image
models besides the library. A wheel made elsewhere is taken instead if HEARTH_LLAMA_WHEEL names it. CMAKE_ARGS reaches
the build, so `CMAKE_ARGS=-DGGML_CUDA=on script/run` makes one for a GPU.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bootstrap.environment import STAMPS, install, install_locked
from bootstrap.job import Job
from bootstrap.paths import PYTHON, REQUIREMENTS, user_cache
from bootstrap.step import Step, digest

LOCK = REQUIREMENTS / "llama.txt"
BUILD_LOCK = REQUIREMENTS / "llama-build.txt"
LIBRARY_ONLY = Path(__file__).with_name("llama.cmake")
COMPILERS = (("cc", "gcc", "clang"), ("c++", "g++", "clang++"))
COMPILER_REMEDY = (
    "Debian, Ubuntu: sudo apt install g++     Fedora: sudo dnf install gcc-c++     macOS: xcode-select --install\n"
    "Or take a wheel that was built elsewhere: HEARTH_LLAMA_WHEEL=/path/to/llama_cpp_python-....whl script/run"
)


def wheel_folder() -> Path:
    """Return where the wheel for this machine is kept: another processor or setting has another one."""
    return user_cache() / "wheels" / f"llama-{digest(_build_inputs())[:16]}"


def _build_inputs() -> Iterable[Path | str]:
    return [LOCK, BUILD_LOCK, LIBRARY_ONLY, *build_target()]


def build_target() -> Iterable[str]:
    """Return what a build of llama.cpp is made for: the machine, its processor and the settings given."""
    return [platform.machine(), *platform.libc_ver(), _processor(), os.environ.get("CMAKE_ARGS", "")]


def _processor() -> str:
    """Return what the compiler tunes for: the processor's features where the system lists them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


def _install(job: Job) -> None:
    given = os.environ.get("HEARTH_LLAMA_WHEEL")
    wheel = _given(job, Path(given)) if given else _kept() or _build(job)
    install(job, "--no-deps", "--reinstall", wheel)
    job.run(PYTHON, "-c", "import llama_cpp; llama_cpp.llama_backend_init(); print(llama_cpp.__version__)")


def _given(job: Job, wheel: Path) -> Path:
    if not wheel.is_file():
        raise job.failure(f"Expected HEARTH_LLAMA_WHEEL to name a wheel, found no file {wheel}", "Correct or unset it.")
    job.note = f"from {wheel.name}"
    return wheel.resolve()


def _kept() -> Path | None:
    return next(wheel_folder().glob("*.whl"), None)


def _build(job: Job) -> Path:
    for names in COMPILERS:
        if not any(shutil.which(name) for name in names):
            raise job.failure(
                f"Expected a C and a C++ compiler on PATH, found no {' or '.join(names)}", COMPILER_REMEDY
            )
    with tempfile.TemporaryDirectory(prefix="hearth-llama-") as folder:
        tools = Path(folder, "tools")
        install_locked(job, BUILD_LOCK.name, "--target", tools)
        _make_wheel(job, tools, Path(folder))
        return _keep(next(Path(folder).glob("*.whl")))


def _make_wheel(job: Job, tools: Path, folder: Path) -> None:
    # The settings go by environment: pip drops --config-settings for what a requirements file names.
    definitions = f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={shlex.quote(str(LIBRARY_ONLY))}"
    settings = {
        "CMAKE_ARGS": f"{definitions} {os.environ.get('CMAKE_ARGS', '')}".strip(),
        "SKBUILD_WHEEL_EXCLUDE": "include/**;lib/**;lib64/**;bin/**;llama_cpp/server/**",
        "PYTHONPATH": str(tools),
    }
    # pip's own cache of built wheels knows nothing of these settings.
    pip = (PYTHON, "-m", "pip", "wheel", "-v", "--no-cache-dir", "--no-build-isolation", "--disable-pip-version-check")
    source = ("--require-hashes", "--no-deps", "--no-binary=:all:", "-r", LOCK)
    job.run(*pip, *source, "--wheel-dir", folder, **settings)


def _keep(wheel: Path) -> Path:
    """Move a wheel to its place in one step, so that nobody finds half of one."""
    target = wheel_folder() / wheel.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(wheel, target.with_suffix(".part"))
    return target.with_suffix(".part").replace(target)


LLAMA = Step(
    name="llama",
    title="llama.cpp, which runs the local model",
    takes="2 to 5 minutes, once; 77 MB",
    inputs=lambda: [LOCK, LIBRARY_ONLY],  # a wheel or settings given once hold until .venv is made anew
    products=(PYTHON,),
    stamps=STAMPS,
    work=_install,
    remedy=f"If a kept wheel does not load, remove {user_cache()} and run this again.\n{COMPILER_REMEDY}",
    optional=True,
)
