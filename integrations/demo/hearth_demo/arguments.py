"""What the demo's programs are told on their command lines."""

from __future__ import annotations

import argparse
import os

TOKEN = "HEARTH_TOKEN"  # noqa: S105 - the name of the variable, not its value


def parser(program: str, summary: str) -> argparse.ArgumentParser:
    """Return a parser with what all programs know."""
    made = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=f"{summary} It ends when its standard input, a pipe, is closed.",
    )
    made.add_argument("--language", default="en", help="en or zh-Hans (default: en)")
    made.add_argument("--seed", type=int, help="a number that makes it behave the same again")
    made.add_argument("--clock-scale", type=float, default=1.0, help="how much faster time goes (default: 1)")
    made.add_argument("--verbose", action="store_true", help="log what happens")
    return made


def add_hub(made: argparse.ArgumentParser) -> None:
    """Add where the hub, or a broker, is."""
    made.add_argument("--host", default="127.0.0.1", help="where the hub or broker is (default: 127.0.0.1)")
    made.add_argument("--port", "--mqtt-port", type=int, default=8123, help="its port (default: 8123)")
    made.add_argument(
        "--token",
        default=os.environ.get(TOKEN),
        help=f"a long-lived token; better given in the environment as {TOKEN}, where others do not see it",
    )
