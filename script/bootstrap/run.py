"""script/run: set everything up, then become the hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bootstrap.handover import become
from bootstrap.paths import VENV
from bootstrap.setup import TO_RUN, prepare

HELP = """\
script/run [options of `hearth run`]

Sets Hearth up in this folder, then runs the hub. The first time takes some minutes, and says what it does;
later starts go straight to the hub.

On an empty configuration folder it runs `hearth run --demo`: a simulated home in eight rooms, to look around. It notes
that there in .hearth/demo, and goes on so at later starts, until you write a hearth.yaml or remove the note. The
configuration folder is ~/.config/hearth, or the one after --config.

  script/run                          the demo home, or your own once there is one
  script/run --config ~/home          the home that is configured in ~/home
  script/run --config ~/home --port 9000
  script/run --help                   this; `.venv/bin/hearth run --help` tells every option of the hub

HEARTH_LLAMA_WHEEL=FILE    take this wheel of llama-cpp-python instead of building one
CMAKE_ARGS=...             build llama.cpp with these settings, for example -DGGML_CUDA=on for a GPU
XDG_CACHE_HOME=FOLDER      keep what was built here for the next checkout (default ~/.cache)"""

DEMO_NOTE = Path(".hearth", "demo")


def main(arguments: Sequence[str]) -> int:
    prepare(TO_RUN, strict=False)
    demo = ["--demo"] if _demo(config_folder(arguments), arguments) else []
    become(VENV / "bin" / "hearth", "run", *demo, *arguments)


def config_folder(arguments: Sequence[str]) -> Path:
    """Return the folder after --config, or the default one."""
    for position, word in enumerate(arguments):
        if word == "--config" and arguments[position + 1 :]:
            return Path(arguments[position + 1]).expanduser()
        if word.startswith("--config="):
            return Path(word.removeprefix("--config=")).expanduser()
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hearth"


def wants_demo(folder: Path) -> bool:
    """Whether nobody has made a home of their own there yet."""
    if (folder / "hearth.yaml").exists():
        return False
    return (folder / DEMO_NOTE).exists() or not (folder / ".hearth").exists()


def _demo(folder: Path, arguments: Sequence[str]) -> bool:
    """Whether to add --demo; if so, it is noted for the next start."""
    if "--demo" in arguments or not wants_demo(folder):
        return False
    note = folder / DEMO_NOTE
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    note.write_text("script/run starts the demo home with this folder. Remove this file, and it does not.\n")
    return True
