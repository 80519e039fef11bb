"""``python -m hearth_demo.speaker``: the HTTP device."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from hearth_demo.arguments import parser
from hearth_demo.lifeline import live
from hearth_demo.speaker.announcement import announced
from hearth_demo.speaker.server import About, Speaker
from hearth_demo.words import Words

_NAME = Words("Hearth demo speaker", "演示音箱")


def main() -> None:
    """Run the speaker until the parent goes."""
    made = parser("hearth_demo.speaker", "The HTTP device of the demo home: a speaker with a lamp.")
    made.add_argument("--address", default="127.0.0.1", help="the address to serve and announce (default: 127.0.0.1)")
    made.add_argument("--port", type=int, default=0, help="its port (default: a free one)")
    made.add_argument("--id", default="hearth-demo-speaker", help="its serial number")
    made.add_argument("--name", help="its name (default: in the home's language)")
    options = made.parse_args()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.ERROR)
    asyncio.run(live(_run(options)))


async def _run(options: argparse.Namespace) -> None:
    about = About(options.id, options.name or _NAME.spoken(options.language))
    speaker = Speaker(about, seed=options.seed, scale=options.clock_scale)
    async with speaker.serving(options.address, options.port) as port:
        sys.stdout.write(f"http://{options.address}:{port}\n")
        sys.stdout.flush()
        async with announced(about, options.address, port):
            await speaker.run()


main()
