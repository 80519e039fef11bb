"""``hearth check``: read everything that a hub would read, and say what is wrong."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hub.cli import arguments
from hub.errors import ConfigError, HubError

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers
    from hub.plugins.manager import Plugins

EXAMPLES = """\
  hearth check                     exit code 1 if something is wrong
  hearth check --config ./home --json"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    arguments.add(commands, shared, "check", "check the configuration without starting anything", EXAMPLES, check)


def check(options: argparse.Namespace) -> int:
    """Print every problem, with file and line; the exit code is 1 if there is one."""
    problems = [str(error) for error in _problems(options)]
    if options.json:
        print(json.dumps({"valid": not problems, "problems": problems}))
    else:
        print("\n".join(problems) if problems else f"{options.config}: nothing is wrong")
    return 1 if problems else 0


def _problems(options: argparse.Namespace) -> list[HubError]:
    from hub.blueprints import check_folder  # noqa: PLC0415 - other commands start faster without these
    from hub.config.settings import load_settings  # noqa: PLC0415
    from hub.inference.configuration import problems as inference_problems  # noqa: PLC0415
    from hub.plugins.manager import Plugins  # noqa: PLC0415
    from hub.plugins.records import Status  # noqa: PLC0415

    problems: list[HubError] = []
    plugins = Plugins()
    try:
        settings = load_settings(options.config)
    except ConfigError as error:
        return [error]
    problems += settings.problems
    problems += inference_problems(settings.inference, options.config)
    for name, entries in settings.integrations.items():
        try:
            if not _is_elsewhere(plugins, name, entries) and plugins.load(name) is None:
                problems.append(ConfigError(f"The integration {name}: {plugins.get(name).reason}"))
        except HubError as error:
            problems.append(error)
    problems += [
        ConfigError(f"The integration {extension.name}: {extension.reason}")
        for extension in plugins.all()
        if extension.status in (Status.BROKEN, Status.INCOMPATIBLE) and extension.name not in settings.integrations
    ]
    return [*problems, *check_folder(options.config, plugins.offers_trigger)]


def _is_elsewhere(plugins: Plugins, name: str, entries: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether every entry runs in an environment of its own: then nothing of it can be loaded here.

    Raises HubError if it is not found there.
    """
    wishes = [entry.get("isolated") for entry in entries]
    pythons = [wish.get("python") for wish in wishes if isinstance(wish, Mapping)]
    for python in filter(None, pythons):
        plugins.find(name, python)
    return bool(wishes) and len(list(filter(None, pythons))) == len(wishes)
