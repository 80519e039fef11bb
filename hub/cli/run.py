"""``hearth run``: run the hub."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import logging
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from hub.cli import arguments
from hub.config.folder import locked

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth run                        the hub on http://localhost:8123
  hearth run --demo                 with a simulated home to try things on
  hearth run --config ./home --port 8200"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "run", "run the hub", EXAMPLES, run)
    parser.add_argument("--port", type=int, help="port to listen on (default: that of hearth.yaml, or 8123)")
    parser.add_argument("--demo", action="store_true", help="start a simulated home as separate processes")
    parser.add_argument("--verbose", action="store_true", help="log more")


def run(options: argparse.Namespace) -> int:
    """Run the hub until it is stopped."""
    started = time.monotonic()
    gc.disable()  # until the hub is up: what is loaded stays
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in ("asyncio", "aiohttp", "zeroconf", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    os.umask(0o077)
    with locked(options.config):
        asyncio.run(_run(options, started))
    return 0


async def _run(options: argparse.Namespace, started: float) -> None:
    from hub.app import Hub  # noqa: PLC0415 - other commands start faster without it
    from hub.cli.demo import demo_home  # noqa: PLC0415
    from hub.config.settings import load_settings  # noqa: PLC0415

    settings = load_settings(options.config)
    if options.port is not None:
        settings = dataclasses.replace(settings, port=options.port)
    for problem in settings.problems:
        logging.getLogger("hub.config").error("%s", problem)
    hub = Hub(options.config, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, hub.stop)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(hub.running())
        settle_memory()
        _greet(hub, time.monotonic() - started, as_json=options.json)
        if options.demo:
            await stack.enter_async_context(demo_home(hub))
        await hub.stopped()


def settle_memory() -> None:
    """Let the garbage collector look neither at what is loaded now nor too often: events and states make no cycles.

    Nor at too much at once: each time it looks at everything made since that still lives, and all else waits.
    """
    gc.freeze()
    gc.set_threshold(4_000, 50, 50)
    gc.enable()


def _greet(hub: Hub, seconds: float, *, as_json: bool) -> None:
    url, others, ca = f"http://localhost:{hub.port}", hub.reach.url(), hub.certificates.fingerprint()
    code = hub.auth.welcome_code()
    welcome = f"{url}/welcome#{code}" if code else None
    if as_json:
        import json  # noqa: PLC0415

        facts = {"url": url, "welcome": welcome, "seconds": round(seconds, 2), "others": others, "ca_sha256": ca}
        print(json.dumps(facts), flush=True)
        return
    print(f"\n  Hearth is ready at {url}  ({seconds:.1f} s)")
    if welcome:
        print(f"  Create the owner, once, at {welcome}")
    if others:
        print(f"  Other machines reach it at {others}")
    if others and ca:
        print(f"  They have to trust {others}/ca.crt, whose SHA-256 is\n    {ca}")
    print("  Stop it with Ctrl-C\n", flush=True)
