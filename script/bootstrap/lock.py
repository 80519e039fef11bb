"""python script lock: resolve the dependencies again."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

from bootstrap.paths import REQUIREMENTS, ROOT, VENV, integrations
from bootstrap.peers import PEERS
from bootstrap.setup import TO_DEVELOP, prepare

HELP = """\
python script lock [--upgrade]

Writes requirements/*.txt anew from the pyproject.toml files, for every supported Python and system at once, with the
hashes that the package index publishes. Without --upgrade, versions stay as they are where they still fit."""

HEADER = "python script lock"
LLAMA = "llama-cpp-python"


def main(arguments: Sequence[str]) -> int:
    prepare(TO_DEVELOP[:1])
    upgrade = ["--upgrade"] if "--upgrade" in arguments else []
    members = [str((folder / "pyproject.toml").relative_to(ROOT)) for folder in integrations()]
    ours = [word for folder in integrations() for word in ("--no-emit-package", f"hearth-{folder.name}")]
    apart = ["--no-emit-package", "hearth-hub", "--no-emit-package", LLAMA, *ours]
    extras = ("--extra", "inference", "--extra", "models")
    _compile("run", "pyproject.toml", *members, *extras, "--group", "build", *apart, *upgrade)
    _compile("dev", "--group", "dev", "--constraint", "requirements/run.txt", *upgrade)
    for group in ("uv", "node", "llama-build"):
        _compile(group, "--group", group, *upgrade)
    for peer in PEERS:
        _compile(peer.lock.stem, f"requirements/{peer.lock.stem}.in", *upgrade, python=peer.claims)
    for given in sorted(ROOT.glob("tests/clients/*/requirements.in")):
        _compile(f"../{given.relative_to(ROOT).with_suffix('')}", str(given.relative_to(ROOT)), *upgrade)
    _compile("llama", "-", "--no-deps", "--no-annotate", given=_llama_requirement())
    return 0


def _compile(name: str, *arguments: str, given: str = "", python: str = "3.11") -> None:
    options = ["--universal", "--python-version", python, "--generate-hashes", "--no-emit-index-url", "--quiet"]
    command: list[str | Path] = [VENV / "bin" / "uv", "pip", "compile", *options, "--custom-compile-command", HEADER]
    target = (REQUIREMENTS / f"{name}.txt").resolve().relative_to(ROOT)
    print(target)
    subprocess.run([*command, *arguments, "-o", target], cwd=ROOT, input=given.encode(), check=True)


def _llama_requirement() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra: list[str] = project["optional-dependencies"]["inference"]
    return next(requirement for requirement in extra if requirement.startswith(LLAMA))
