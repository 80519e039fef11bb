"""``hearth token``: long-lived tokens for other programs."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cli import arguments, control
from hub.config.folder import AUTH_FILE, existing

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth token create "Node-RED"            print a token for another program, once
  mosquitto_pub -p 8123 -u any -P "$(hearth token create sensor)" -t a/b -m 1"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "token", "make tokens for other programs", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = arguments.add(
        actions, shared, "create", "make a long-lived token and print it once", EXAMPLES, create_token
    )
    create.add_argument("name", help="what the token is for")
    create.add_argument("--user", help="whose: a user of the role service (the owner's without it)")
    create.add_argument("--days", type=int, default=3650, help="how long it is valid (%(default)s)")


def create_token(options: argparse.Namespace) -> int:
    """Make a token and print it: by the hub that runs on the folder, or without one, for the owner, in its files."""
    question = {"name": options.name, "days": options.days}
    try:
        path = "/token" if options.user is None else "/users/token"
        answer = control.ask(options.config, path, {**question, "user": options.user})
    except control.NoHub:
        if options.user is not None:
            raise
        answer = asyncio.run(_create(options.config, options.name, options.days))
    print(json.dumps(answer) if options.json else answer["token"])
    return 0


async def _create(folder: Path, name: str, days: int) -> dict[str, str]:
    from hub.core.clock import SystemClock  # noqa: PLC0415 - other commands start faster without it
    from hub.security import Auth  # noqa: PLC0415

    async with Auth(existing(folder, AUTH_FILE), SystemClock()) as auth:
        return {"name": name, "token": await auth.create_for_owner(name, days)}
