"""What the hub is installed with: a table from the installed packages' own words, and the reason for each."""

from __future__ import annotations

import functools
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

HUB = "hearth-hub"
REASONS = {
    "aiohttp": "The HTTP and WebSocket server and client.",
    "anyascii": "Entity ids from names in any script.",
    "argon2-cffi": "Passwords, hashed so that guessing is slow.",
    "astral": "Sunrise and sunset.",
    "cryptography": "The certificate authority and the certificates that it issues; seals the model's saved states.",
    "hassil": "Matches sentences against the templates of home-assistant-intents.",
    "home-assistant-intents": "Sentences that people say to their home, in some sixty languages.",
    "ifaddr": "The machine's addresses, for certificates and discovery.",
    "jinja2": "Templates, in a sandbox.",
    "msgspec": "The frames between the hub and its model worker, checked as they are read.",
    "orjson": "JSON, some ten times as fast as Python's.",
    "pluggy": "Hooks of integrations.",
    "pyyaml": "hearth.yaml, automations and blueprints.",
    "sqlalchemy": "History, users, conversations and audit in a database.",
    "tzdata": "Time zones where the system has none.",
    "voluptuous": "Checks what comes from files and clients.",
    "zeroconf": "Finds devices on the network, and announces the hub.",
}
"""Why the hub needs what it names itself."""

PERMISSIVE = frozenset({"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"})
WEAK_COPYLEFT = {
    "orjson": "MPL-2.0 is for its own files, which are used as they are.",
    "zeroconf": "LGPL-2.1 lets programs of any licence import it; it can be replaced by another version.",
}
"""Not permissive, and why they are here all the same."""

_WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
"""What older packages call their licence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An installed distribution; ``needed_by`` are those that ask for it, ``size`` is in bytes, without byte code."""

    name: str
    version: str
    licence: str
    needed_by: tuple[str, ...]
    size: int

    @property
    def reason(self) -> str:
        return REASONS.get(self.name) or f"Needed by {', '.join(self.needed_by)}."

    @property
    def is_permissive(self) -> bool:
        """Say whether one may choose a licence for each part that asks for no more than its name."""
        parts = self.licence.replace("(", "").replace(")", "").split(" AND ")
        return all(PERMISSIVE.intersection(part.split(" OR ")) for part in parts)


@functools.cache
def dependencies() -> tuple[Dependency, ...]:
    """Return what the hub needs where it runs now, without the local model and without the tests' packages."""
    needed_by: dict[str, list[str]] = {}
    todo = [HUB]
    while todo:
        name = todo.pop()
        for other in _requirements(name):
            if other not in needed_by:
                todo.append(other)
            needed_by.setdefault(other, []).append(name)
    return tuple(_dependency(name, sorted(askers)) for name, askers in sorted(needed_by.items()))


def dependency_page() -> str:
    """Return the page."""
    found = dependencies()
    total = sum(one.size for one in found) / 1e6
    return "\n".join((
        "# What the hub is installed with",
        "",
        f"{len(found)} distributions, {total:.0f} MB without byte code ({_here()}). The local model adds llama-cpp-python,",
        "llguidance and numpy; each integration brings its own. Versions and hashes are in `requirements/run.txt`.",
        "",
        "| distribution | licence | MB | what for |",
        "|---|---|--:|---|",
        *(f"| {one.name} | {one.licence} | {one.size / 1e6:.1f} | {one.reason} |" for one in found),
        "",
        "All licences are permissive but these two:",
        "",
        *(f"- {name}: {why}" for name, why in WEAK_COPYLEFT.items()),
    )) + "\n"  # fmt: skip


def without_sizes(page: str) -> str:
    """Return a page without what differs from machine to machine."""
    return re.sub(r"\| [\d.]+ \||, \d+ MB without byte code \([^)]*\)", "", page)


def _here() -> str:
    python = f"{platform.python_implementation()} {sys.version_info.major}.{sys.version_info.minor}"
    return f"{python}, {platform.system()} {platform.machine()}"


def _requirements(name: str) -> Iterator[str]:
    """Yield what a distribution needs here: what another system or Python would need is not installed."""
    for text in distribution(name).requires or ():
        requirement, _, condition = text.partition(";")
        other = _normal(re.split(r"[^\w.-]", requirement.strip())[0])
        if "extra ==" not in condition and _is_installed(other):
            yield other


def _is_installed(name: str) -> bool:
    try:
        return bool(distribution(name).version)
    except PackageNotFoundError:
        return False


def _dependency(name: str, needed_by: Iterable[str]) -> Dependency:
    found = distribution(name)
    return Dependency(
        name=name,
        version=found.version,
        licence=_licence(found),
        needed_by=tuple(needed_by),
        size=sum(file.size or 0 for file in found.files or () if file.suffix != ".pyc"),
    )


def _licence(found: Distribution) -> str:
    """Return the licence as an SPDX expression, whichever of three places a package says it in."""
    said = {field: found.metadata.get_all(field) or [] for field in ("License-Expression", "Classifier", "License")}
    said["Classifier"] = [text.rpartition(" :: ")[2] for text in said["Classifier"] if "License ::" in text]
    first = next((text for texts in said.values() for text in texts), "unknown")
    return _WORDS.get(first, first)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
