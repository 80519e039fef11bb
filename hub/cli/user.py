"""``hearth user``: who may log in, and what they may do."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import TYPE_CHECKING, Any

from hub.cli import arguments, control
from hub.errors import InvalidInput

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth user list
  hearth user add "Ben" --username ben                           asks for a password; role user
  hearth user add "Visitor" --username visitor --role guest --area hall --area living_room
  hearth user add "Node-RED" --role service --domain light --domain switch
  hearth token create lights --user "Node-RED"                   a token for that program
  hearth user role ben admin
  hearth user role visitor guest --area hall --look              may look at the hall, and change nothing
  hearth user password ben
  hearth user deactivate visitor                                 ends all their sessions and tokens at once"""
_ROLES = ("admin", "user", "guest", "service")


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "user", "see and say who may log in, and what they may do", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    arguments.add(actions, shared, "list", "list the users", EXAMPLES, list_users)
    new = arguments.add(actions, shared, "add", "add a user", EXAMPLES, add_user)
    new.add_argument("name", help="what they are called")
    new.add_argument("--username", help="to log in by; without it only programs can, by tokens")
    new.add_argument("--role", choices=_ROLES, default="user", help="%(default)s, if not said otherwise")
    _add_grants(new)
    role = arguments.add(actions, shared, "role", "give a user another role, or other capabilities", EXAMPLES, set_role)
    _add_user(role)
    role.add_argument("role", choices=_ROLES, help="what they are from now on")
    _add_grants(role)
    password = arguments.add(actions, shared, "password", "give a user another password", EXAMPLES, set_password)
    _add_user(password)
    for name, summary, command in (
        ("deactivate", "keep a user out, from this moment on", deactivate),
        ("activate", "let a user in again", activate),
    ):
        _add_user(arguments.add(actions, shared, name, summary, EXAMPLES, command))


def list_users(options: argparse.Namespace) -> int:
    """Print the users."""
    rows = control.ask(options.config, "/users")
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(_line(row))
    return 0


def add_user(options: argparse.Namespace) -> int:
    """Add a user; with a username, ask for a password."""
    password = None if options.username is None else _password()
    question = {"name": options.name, "username": options.username, "password": password, "role": options.role}
    return _show(options, control.ask(options.config, "/users/add", {**question, "capabilities": _grants(options)}))


def set_role(options: argparse.Namespace) -> int:
    """Give a user another role and capabilities."""
    question = {"user": options.user, "role": options.role, "capabilities": _grants(options)}
    return _show(options, control.ask(options.config, "/users/update", question))


def set_password(options: argparse.Namespace) -> int:
    """Give a user another password."""
    question = {"user": options.user, "password": _password()}
    return _show(options, control.ask(options.config, "/users/password", question))


def deactivate(options: argparse.Namespace) -> int:
    """Keep a user out."""
    return _show(options, control.ask(options.config, "/users/update", {"user": options.user, "active": False}))


def activate(options: argparse.Namespace) -> int:
    """Let a user in again."""
    return _show(options, control.ask(options.config, "/users/update", {"user": options.user, "active": True}))


def _add_user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", help="their username, or the name of somebody without one")


def _add_grants(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--area", action="append", help="an area that they may see and use; more than once for several")
    parser.add_argument("--domain", action="append", help="a kind of entity, such as light")
    parser.add_argument("--label", action="append", help="a label")
    parser.add_argument("--entity", action="append", help="an entity, or a pattern such as light.hall_*")
    parser.add_argument(
        "--action", action="append", help="what they may do there, such as light.*; everything without it"
    )
    parser.add_argument("--look", action="store_true", help="they may look, and do nothing")


def _grants(options: argparse.Namespace) -> list[dict[str, Any]] | None:
    """Return one capability for each action, all about the same entities; None where nothing is said."""
    bounds = {key: getattr(options, key) for key in ("area", "domain", "label", "entity") if getattr(options, key)}
    if not bounds and not options.action and not options.look:
        return None
    actions = [None] if options.look else options.action or ["*"]
    return [{"action": action, **bounds} for action in actions]


def _password() -> str:
    """Return a password typed twice, or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise InvalidInput("Expected the same password twice")
    return password


def _show(options: argparse.Namespace, row: dict[str, Any]) -> int:
    print(json.dumps(row, ensure_ascii=False) if options.json else _line(row))
    return 0


def _line(row: dict[str, Any]) -> str:
    state = "" if row["is_active"] else "  deactivated"
    granted = "" if row["capabilities"] is None else f"  {json.dumps(row['capabilities'], ensure_ascii=False)}"
    return f"{row['username'] or '-'}  {row['name']}  {row['role']}{state}{granted}"
