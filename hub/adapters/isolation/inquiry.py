"""Asking the code of an isolated integration, without an adapter: what it offers, what it makes of a form or a service.

Each question is put to a child of its own, which ends with the answer: questions are rare, and what goes wrong with one
does not meet the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from hub.adapters.interfaces import DiscoveredDevice, FoundService, Integration, Probed
from hub.adapters.isolation.frames import Frame
from hub.adapters.isolation.link import Link
from hub.adapters.isolation.offer import Offer, Refusal
from hub.adapters.isolation.process import Launch
from hub.adapters.isolation.values import remade
from hub.adapters.manifest import Manifest
from hub.core.clock import Clock
from hub.errors import ConnectionLost, HubError

LONGEST_START = 60.0
LONGEST_PROBE = 60.0
"""Seconds; whoever asks waits less."""
LONGEST_LOOK = 10.0
_MOST_AT_ONCE = 2


class Inquiry:
    """The questions to one integration; at most two at a time, others wait."""

    def __init__(self, launch: Launch, clock: Clock) -> None:
        self._launch = launch
        self._clock = clock
        self._turn = asyncio.Semaphore(_MOST_AT_ONCE)

    async def offer(self) -> Offer:
        """Return what the integration offers.

        Raises Refusal if it cannot be loaded, ProcessFailed if its process crashes.
        """
        async with self._asking() as (offer, _):
            return offer

    async def probe(self, values: Mapping[str, Any]) -> Probed:
        """Try what a form says. Raises what the integration's probe raises."""
        async with self._asking() as (_, link):
            answer = await link.request("probe", {"values": values}, timeout=LONGEST_PROBE)
        return remade(Probed, answer.values)

    async def recognise(self, service: FoundService) -> DiscoveredDevice | None:
        """Return what the integration makes of a zeroconf service."""
        async with self._asking() as (_, link):
            answer = await link.request("recognise", service, timeout=LONGEST_LOOK)
        found = answer.values["device"]
        return remade(DiscoveredDevice, found) if found else None

    def stand_in(self, manifest: Manifest, offer: Offer) -> Integration:
        """Return what stands for the integration in the hub: its dialog and matcher, but no adapter."""
        return Integration(
            manifest=manifest,
            make=_no_adapter,
            form=offer.form,
            probe=self.probe if offer.probes else None,
            from_service=self.recognise if offer.recognises else None,
            actions=offer.actions,
        )

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[tuple[Offer, Link]]:
        async with self._turn, Link.opened(self._launch, self._clock) as link:
            offered: asyncio.Future[Offer] = asyncio.get_running_loop().create_future()
            link.hear = lambda frame: _hear(offered, frame)
            link.tell("consult")
            yield await _first(offered, link), link


async def _first(offered: asyncio.Future[Offer], link: Link) -> Offer:
    """Return the offer, or raise why none will come."""
    await asyncio.wait((offered, link.gone), timeout=LONGEST_START, return_when=asyncio.FIRST_COMPLETED)
    if offered.done():
        return offered.result()
    if link.gone.done():
        await link.ended()
    raise ConnectionLost(f"The process of the integration made no offer within {LONGEST_START:g} s")


def _hear(offered: asyncio.Future[Offer], frame: Frame) -> None:
    if offered.done():
        return
    if frame.kind == "offer":
        offered.set_result(Offer.read(frame.values))
    elif frame.kind == "refused":
        offered.set_exception(Refusal(frame.values["message"], broken=frame.values["broken"]))


def _no_adapter(entry: object) -> Any:
    raise HubError("Expected an isolated integration's adapter to be made in a process of its own")
