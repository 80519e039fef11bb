"""``python -m hub.cli.docs``: writes what can drift of the documentation; ``--check`` says if it has."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from hub.cli import docs_api, docs_rights
from hub.cli.docs_dependencies import dependency_page, without_sizes
from hub.cli.docs_inference import inference_page
from hub.cli.main import parser
from hub.config.folder import default_folder
from hub.entities import DOMAINS
from hub.plugins.hookspecs import Hooks

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
_HEAD = "<!-- Made by `python -m hub.cli.docs`; do not edit. -->\n\n"


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    return {
        "cli.md": _HEAD + _cli(),
        "hooks.md": _HEAD + _hooks(),
        "domains.md": _HEAD + _domains(),
        "websocket.md": _HEAD + docs_api.websocket(),
        "rights.md": _HEAD + docs_rights.rights(),
        "dependencies.md": _HEAD + dependency_page(),
        "inference.md": _HEAD + inference_page(),
        "openapi.json": docs_api.openapi(),
    }


def main() -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true", help="only say which pages are out of date")
    check = options.parse_args().check
    stale = outdated()
    for name in stale:
        if not check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(pages()[name])
        print(f"docs/reference/{name}: {'out of date: run python -m hub.cli.docs' if check else 'written'}")
    return 1 if check and stale else 0


def outdated() -> list[str]:
    """Return the names of the pages that say something else than they would if they were made now."""
    return [name for name, text in pages().items() if _lasting(_read(FOLDER / name)) != _lasting(text)]


def _lasting(text: str) -> str:
    return without_sizes(text) if "| MB |" in text else text


def _read(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


def _cli() -> str:
    root = parser()
    lines = ["# Command line", "", root.description or "", "", root.epilog or ""]
    for name, command in _subcommands(root):
        lines += ["", f"## hearth {name}", "", command.description or "", *_arguments(command)]
        lines += ["", "```sh", *_examples(command.epilog or ""), "```"]
    return "\n".join(lines) + "\n"


def _subcommands(root: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    # argparse has no public way to ask a parser for what it was given.
    for action in root._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, command in action.choices.items():
                yield f"{before}{name}", command
                yield from _subcommands(command, f"{before}{name} ")


def _arguments(command: argparse.ArgumentParser) -> list[str]:
    """Return a table, for argparse lays its own help out differently in each version of Python."""
    rows = [
        f"| `{' '.join(part for part in (*action.option_strings[-1:], _value(action)) if part)}` | {_meaning(action)} |"
        for action in command._actions  # noqa: SLF001
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)  # noqa: SLF001
    ]
    return ["", "| argument | meaning |", "|---|---|", *rows]


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    return str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))


def _meaning(action: argparse.Action) -> str:
    default = str(action.default).replace(str(default_folder()), "~/.config/hearth")
    return (action.help or "").replace("%(default)s", default)


def _examples(epilog: str) -> list[str]:
    return [line.strip() for line in epilog.splitlines() if line.strip() and line != "examples:"]


def _hooks() -> str:
    lines = ["# Hooks", "", inspect.getdoc(sys.modules[Hooks.__module__]) or "", ""]
    for name, hook in inspect.getmembers(Hooks, inspect.isfunction):
        returns = str(inspect.signature(hook).return_annotation)
        lines += [f"## {name}", "", f"Returns `{returns}`.", "", inspect.getdoc(hook) or "", ""]
    return "\n".join(lines).rstrip() + "\n"


def _domains() -> str:
    lines = ["# Entity domains", ""]
    for name, domain in DOMAINS.items():
        states = ", ".join(f"`{state}`" for state in sorted(domain.states)) if domain.states else "any text"
        lines += [f"## {name}", "", f"States: {states}.", ""]
        if domain.attributes:
            lines += ["| attribute | unit | meaning |", "|---|---|---|"]
            lines += [f"| `{a.name}` | {a.unit or ''} | {a.description} |" for a in domain.attributes]
            lines.append("")
        if domain.actions:
            lines += ["| action | fields | what it does |", "|---|---|---|"]
            for action in domain.actions:
                fields = ", ".join(f"`{item.name}`" + ("" if item.required else "?") for item in action.fields)
                lines.append(f"| `{action.full_name}` | {fields} | {action.description} |")
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
