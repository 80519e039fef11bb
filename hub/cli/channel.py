"""``hearth channel``: who may talk to the hub by chat."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from hub.cli import arguments, control

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth channel list
  hearth channel pair K7QWM2XB --user ada       let in whoever was given this code, to speak for the user ada
  hearth channel pair K7QWM2XB --guest          ... as a guest, who may ask but change nothing
  hearth channel remove ada@example.org"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "channel", "see and say who may talk to the hub by chat", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    arguments.add(
        actions, shared, "list", "list who may talk to the hub, and who would like to", EXAMPLES, list_senders
    )
    pair = arguments.add(actions, shared, "pair", "let in whoever was given a code", EXAMPLES, pair_sender)
    pair.add_argument("code", help="what the hub answered them")
    whose = pair.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", help="name of the user whose rights they have")
    whose.add_argument("--guest", action="store_true", help="they may ask, and change nothing")
    remove = arguments.add(actions, shared, "remove", "let somebody in no more, at once", EXAMPLES, remove_sender)
    remove.add_argument("address", help="their address, as listed")


def list_senders(options: argparse.Namespace) -> int:
    """Print the paired senders, and the strangers who were given a code."""
    rows = control.ask(options.config, "/channels")
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows["senders"]:
        print(f"{_who(row)}  is {row['user_name']} ({row['role']})")
    for row in rows["pairings"]:
        print(f"{_who(row)}  was given a code, and waits")
    if not rows["senders"] and not rows["pairings"]:
        print("Nobody yet: write to the hub from a messenger, and it answers with a code.")
    return 0


def pair_sender(options: argparse.Namespace) -> int:
    """Let in whoever was given the code."""
    row = control.ask(options.config, "/channels/pair", {"code": options.code, "user": options.user})
    print(
        json.dumps(row, ensure_ascii=False) if options.json else f"{_who(row)}  is {row['user_name']} ({row['role']})"
    )
    return 0


def remove_sender(options: argparse.Namespace) -> int:
    """Let an address in no more."""
    answer = control.ask(options.config, "/channels/remove", {"address": options.address})
    print(json.dumps(answer) if options.json else f"{options.address} is let in no more")
    return 0


def _who(row: dict[str, Any]) -> str:
    return f"{row['address']} ({row['title']})"
