"""Import rules that import-linter cannot say: parts of a library, and packages apart from the hub."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTEGRATIONS = sorted(file.parent.name for file in ROOT.glob("integrations/[!_]*/pyproject.toml"))

# Which parts of the hub may import what; everybody else may not.
ONLY_IN = {
    "aiohttp.web": ("hub.gateway", "hub.server", "hub.testing"),
    "hub.licensing": ("hub.app", "hub.cli", "hub.inference", "hub.licensing", "hub.plugins", "hub.server"),
}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    elsewhere = [
        f"{module}:{line}"
        for module, line, name in imports(ROOT / "hub", "hub")
        if within(name, library) and not any(within(module, home) for home in ONLY_IN[library])
    ]
    assert not elsewhere


def test_the_hub_imports_no_integration() -> None:
    assert not [(module, name) for module, _, name in imports(ROOT / "hub", "hub") if name.startswith("hearth_")]


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_an_integration_imports_of_the_hub_only_the_facade(integration: str) -> None:
    package = f"hearth_{integration}"
    found = imports(ROOT / "integrations" / integration / package, package)
    deeper = [(module, line, name) for module, line, name in found if is_submodule_of_hub(name)]
    assert not [row for row in deeper if not within(row[0], f"{package}.testing")]


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_tests_of_an_integration_import_of_the_hub_only_the_facade_and_testing(integration: str) -> None:
    folder, package = ROOT / "integrations" / integration, f"hearth_{integration}"
    shipped = imports(folder / package / "testing", f"{package}.testing")
    found = itertools.chain(imports(folder / "tests", "tests"), shipped)
    deeper = [(module, line, name) for module, line, name in found if is_submodule_of_hub(name)]
    assert not [row for row in deeper if not within(row[2], "hub.testing")]


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_an_integration_imports_no_other_integration(integration: str) -> None:
    found = imports(ROOT / "integrations" / integration, integration)
    others = {name.partition(".")[0] for _, _, name in found if name.startswith("hearth_")}
    assert others <= {f"hearth_{integration}"}


@pytest.mark.parametrize("member", [".", *(f"integrations/{name}" for name in INTEGRATIONS)])
def test_every_library_that_a_package_imports_is_declared(member: str) -> None:
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    declared = {normalised(text) for texts in (project.get("dependencies", []), *extras) for text in texts}
    package = ROOT / member / ("hub" if member == "." else f"hearth_{Path(member).name}")
    imported = {name.partition(".")[0] for _, _, name in imports(package, package.name)}
    imported -= {*sys.stdlib_module_names, package.name, "hub"}
    assert not {name for name in imported if not declared & distributions(name)}


def test_importing_the_facade_loads_no_library() -> None:
    heavy = "{'aiohttp', 'sqlalchemy', 'cryptography', 'zeroconf', 'pluggy', 'llama_cpp', 'numpy'}"
    code = f"import sys, hub; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@functools.cache
def imports(folder: Path, package: str) -> tuple[tuple[str, int, str], ...]:
    """Return (module, line, what it imports) of every import in a folder, at whatever depth; `from a import b` is a.b."""
    return tuple(_imports(folder, package))


def _imports(folder: Path, package: str) -> Iterator[tuple[str, int, str]]:
    for file in sorted(folder.rglob("*.py")):
        module = ".".join((package, *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((module, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((module, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def normalised(requirement: str) -> str:
    """Return the name in a requirement, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


@functools.cache
def distributions(module: str) -> frozenset[str]:
    """Return what a module may come from: the distributions that hold it, or one of its own name."""
    return frozenset(
        {normalised(module), *map(normalised, importlib.metadata.packages_distributions().get(module, ()))}
    )


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def is_submodule_of_hub(name: str) -> bool:
    """Whether an imported name goes past the facade: `hub.core.State` does, `hub.State` does not."""
    parts = name.split(".")
    if parts[0] != "hub" or len(parts) == 1:
        return False
    return len(parts) > 2 or any((ROOT / "hub" / parts[1]).with_suffix(suffix).exists() for suffix in ("", ".py"))
