"""``python -m hearth_demo``: furnish a hub, and run the home's devices beside it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys

import aiohttp

from hearth_demo.arguments import TOKEN, add_hub, parser
from hearth_demo.furnish import Furnisher
from hearth_demo.lifeline import live

_PAUSE = 5.0
_FURNISH_SECONDS = 30.0
_log = logging.getLogger(__name__)


def main() -> None:
    """Run the home until the parent goes."""
    made = parser("hearth_demo", "The demo home: sets up floors, areas and automations, and runs the devices.")
    add_hub(made)
    options = made.parse_args()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.ERROR)
    asyncio.run(live(_run(options)))


async def _run(options: argparse.Namespace) -> None:
    """Areas first: devices that name an area find it on its floor."""
    if options.token:
        try:
            async with asyncio.timeout(_FURNISH_SECONDS):
                await Furnisher(f"http://{options.host}:{options.port}", options.token).furnish(options.language)
        except (aiohttp.ClientError, aiohttp.WSMessageTypeError, TimeoutError) as error:
            _log.error("Cannot set up floors, areas and automations: %s", error)
    shared = ["--language", options.language, "--clock-scale", str(options.clock_scale)]
    shared += ["--verbose"] if options.verbose else []
    shared += ["--seed", str(options.seed)] if options.seed is not None else []
    hub = ["--host", options.host, "--port", str(options.port)]
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep("hearth_demo.home", [*shared, *hub], options.token), name="home")
        speaker = ["--id", f"hearth-demo-speaker-{options.port}"]  # two homes on one machine have two speakers
        group.create_task(_keep("hearth_demo.speaker", [*shared, *speaker], None), name="speaker")


async def _keep(module: str, arguments: list[str], token: str | None) -> None:
    """Run a program, and again if it ends. It has its own pipe to us, so it ends when we do, however that is."""
    environment = {key: value for key, value in os.environ.items() if key != TOKEN}
    if token:
        environment[TOKEN] = token
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        try:
            code = await process.wait()
        finally:
            await _end(process)
        _log.error("%s ended with %d: it is started again", module, code)
        await asyncio.sleep(_PAUSE)


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(3.0):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


main()
