"""An adapter that runs in a process of its own: for the supervisor an adapter like any other."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hub.adapters.interfaces import AdapterHost, ConfigEntry, EntityCall, Message, Picture
from hub.adapters.isolation.frames import Frame
from hub.adapters.isolation.hosting import Hosting
from hub.adapters.isolation.link import Link
from hub.adapters.isolation.offer import ABILITIES, Offer, Refusal
from hub.adapters.isolation.process import Launch
from hub.core.bus import Unlisten
from hub.errors import ConnectionLost, ProcessFailed

LONGEST_ACTION = 300.0
"""Seconds. Whoever asks for an action waits less; this bounds what nobody waits for any more."""
LONGEST_MESSAGE = 30.0
LONGEST_PICTURE = 20.0
_log = logging.getLogger(__name__)

Fire = Callable[[Mapping[str, Any]], None]


class IsolatedAdapter:
    """One config entry's adapter in a child.

    Each ``run`` starts a child and lasts as long as it. ``offered`` hears what the integration there offers, ``refused`` that
    it cannot be used as it is; then nothing more happens until somebody cancels the run. Whether the adapter is a Messenger
    or a PictureSource shows once it is up: until then this is neither, as it has no ``send_message`` and no ``picture``.
    """

    def __init__(
        self,
        launch: Launch,
        entry: ConfigEntry,
        *,
        offered: Callable[[Offer], None] = lambda offer: None,
        refused: Callable[[Refusal], None] = lambda refusal: None,
    ) -> None:
        self._launch = launch
        self._entry = entry
        self._offered = offered
        self._refused = refused
        self._up: Link | None = None
        self._numbers = itertools.count(1)
        self._wanted: dict[int, tuple[Mapping[str, Any], Fire]] = {}

    async def run(self, host: AdapterHost) -> None:
        """Run the adapter in a child until it ends.

        Raises what the adapter raised there (a defect as AdapterError), or ProcessFailed.
        """
        async with Link.opened(self._launch, host.clock) as link:
            hosting = Hosting(host, link)
            link.hear = partial(self._hear, link, hosting)
            try:
                link.tell("adapt", self._entry)
                await link.ended()
            except ProcessFailed as failure:
                raise self._explained(failure) from None
            finally:
                self._go_down()
                hosting.close()

    def listen(self, spec: Mapping[str, Any], fire: Fire) -> Unlisten:
        """Listen there. What is wrong with ``spec`` is found out there too: it is logged, not raised."""
        number = next(self._numbers)
        self._wanted[number] = spec, fire
        if self._up is not None:
            self._up.tell("listen", {"spec": spec}, number=number)

        def unlisten() -> None:
            if self._wanted.pop(number, None) is not None and self._up is not None:
                self._up.tell("unlisten", number=number)

        return unlisten

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        answer = await self._link.request("execute", call, timeout=LONGEST_ACTION)
        response: Mapping[str, Any] | None = answer.values["response"]
        return response

    async def _send_message(self, message: Message) -> bool:
        return bool((await self._link.request("send_message", message, timeout=LONGEST_MESSAGE)).values["taken"])

    async def _picture(self, unique_id: str) -> Picture | None:
        answer = await self._link.request("picture", {"unique_id": unique_id}, timeout=LONGEST_PICTURE)
        kind = answer.values["content_type"]
        return None if kind is None else Picture(content=answer.content, content_type=kind)

    @property
    def _link(self) -> Link:
        if self._up is None:
            raise ConnectionLost(f"The process of {self._entry.title} is not running")
        return self._up

    def _hear(self, link: Link, hosting: Hosting, frame: Frame) -> Mapping[str, Any] | None:
        match frame.kind:
            case "offer":
                self._come_up(link, Offer.read(frame.values))
            case "refused":
                self._refused(Refusal(frame.values["message"], broken=frame.values["broken"]))
            case "fired":
                if frame.number in self._wanted:
                    self._wanted[frame.number][1](frame.values["variables"])
            case "unheard":
                _log.warning("A trigger of %s could not be set up: %s", self._entry.title, frame.values["message"])
            case _:
                return hosting.hear(frame)
        return None

    def _come_up(self, link: Link, offer: Offer) -> None:
        self._up = link
        for name in offer.abilities:
            self.__dict__[name] = getattr(self, f"_{name}")
        self._offered(offer)
        for number, (spec, _) in self._wanted.items():
            link.tell("listen", {"spec": spec}, number=number)
        link.tell("run")

    def _go_down(self) -> None:
        self._up = None
        for name in ABILITIES:
            self.__dict__.pop(name, None)

    def _explained(self, failure: ProcessFailed) -> ProcessFailed:
        python = self._launch.limits.python
        if self._up is not None or python is None:
            return failure
        return ProcessFailed(f"{failure}: are hearth-hub and {self._launch.integration} installed for {python}?")
