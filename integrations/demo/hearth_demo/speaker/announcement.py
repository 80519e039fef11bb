"""How the speaker is found: by zeroconf on its network interface."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from hearth_demo.speaker.server import About

SERVICE = "_hearth-demo._tcp.local."
_log = logging.getLogger(__name__)


@asynccontextmanager
async def announced(about: About, address: str, port: int) -> AsyncIterator[None]:
    """Announce the speaker while the block runs, and say goodbye. Where that is not possible it works all the same."""
    try:
        network = AsyncZeroconf(interfaces=[address], ip_version=IPVersion.V4Only)
    except OSError as error:
        _log.error("Cannot be announced on %s (%s): add it by its address", address, error)
        yield
        return
    try:
        await (await network.async_register_service(_service(about, address, port), allow_name_change=True))
        yield
    finally:
        await network.async_unregister_all_services()
        await network.async_close()


def _service(about: About, address: str, port: int) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        f"{about.name}.{SERVICE}",
        parsed_addresses=[address],
        port=port,
        server=f"{about.unique_id}.local.",
        properties={key: str(value) for key, value in about.as_dict().items()},
    )
