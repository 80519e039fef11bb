"""``hearth certificate``: what clients have to trust, and another certificate."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.cli import arguments, control
from hub.config.folder import existing, locked

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers
    from hub.config.settings import Settings

EXAMPLES = """\
  hearth certificate show                 the authority's fingerprint, and where its certificate is
  hearth certificate renew                another certificate now; open connections go on
  hearth certificate renew --authority    from another authority, which your devices do not trust yet"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "certificate", "see and renew the hub's certificate", EXAMPLES)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    arguments.add(actions, shared, "show", "say what clients have to trust", EXAMPLES, show)
    renewing = arguments.add(actions, shared, "renew", "issue another certificate now", EXAMPLES, renew)
    renewing.add_argument("--authority", action="store_true", help="make another authority first")


def show(options: argparse.Namespace) -> int:
    """Print the authority's certificate's place and fingerprint, and what the hub's certificate is for."""
    _print(_facts(options.config), as_json=options.json)
    return 0


def renew(options: argparse.Namespace) -> int:
    """Issue another certificate: by the hub that runs on the folder, or without one in its files."""
    try:
        control.ask(options.config, "/certificate/renew", {"authority": options.authority})
    except control.NoHub:
        _renew_files(options.config, new_authority=options.authority)
    return show(options)


def _renew_files(folder: Path, *, new_authority: bool) -> None:
    from hub.security.certificates import Issuer, certificate_names  # noqa: PLC0415

    existing(folder, ".hearth/lock")
    with locked(folder):
        Issuer(folder).issue(certificate_names(_settings(folder)), time.time(), new_authority=new_authority)


def _settings(folder: Path) -> Settings:
    from hub.config.settings import load_settings  # noqa: PLC0415 - other commands start faster without it

    return load_settings(folder)


def _facts(folder: Path) -> dict[str, Any]:
    from hub.security.certificates import Issuer, day, own_files  # noqa: PLC0415

    own = own_files(folder, _settings(folder))
    if own is not None:
        return {"certificate": str(own.certificate), "key": str(own.key)}
    issuer = Issuer(folder)
    facts: dict[str, Any] = {"authority": str(existing(folder, str(issuer.authority_file.relative_to(folder))))}
    served = issuer.served()
    if served is not None:
        facts |= {"sha256": served.authority, "names": list(served.names), "ends": day(served.ends)}
    return facts


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name:13}{' '.join(value) if isinstance(value, list) else value}")
