"""``python -m hearth_demo.home``: the home's MQTT devices, at a hub or at any broker."""

from __future__ import annotations

import argparse
import asyncio
import logging

from hearth_demo.arguments import add_hub, parser
from hearth_demo.home.connection import Broker, Connection
from hearth_demo.home.house import House
from hearth_demo.lifeline import live


def main() -> None:
    """Run the devices until the parent goes."""
    made = parser("hearth_demo.home", "The MQTT devices of the demo home.")
    add_hub(made)
    made.add_argument("--username", default="demo", help="the name to connect with (default: demo)")
    options = made.parse_args()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.ERROR)
    logging.getLogger("mqtt").setLevel(logging.CRITICAL)  # aiomqtt's: it minds answers that come after a cancellation
    asyncio.run(live(_run(options)))


async def _run(options: argparse.Namespace) -> None:
    house = House(language=options.language, seed=options.seed, scale=options.clock_scale)
    username = options.username if options.token else None
    broker = Broker(host=options.host, port=options.port, username=username, password=options.token)
    async with asyncio.TaskGroup() as group:
        group.create_task(house.run(), name="house")
        for device in house.devices:
            connection = Connection(device, broker, options.language)
            group.create_task(connection.run(), name=f"device:{device.identity.key}")


main()
