"""Integrations whose code stays out of the hub's process: how their processes are started, and what is known of them."""

from __future__ import annotations

from hub.adapters.isolation import Inquiry, Launch, Limits, Offer, Refusal
from hub.core.clock import Clock
from hub.errors import HubError
from hub.plugins.records import Extension, Status

MAIN = "hub.plugins.child"


class Isolation:
    """Starts processes for integrations; ``time_zone`` is the name of the one that their templates render in."""

    def __init__(self, clock: Clock, time_zone: str = "UTC") -> None:
        self._clock = clock
        self._time_zone = time_zone
        self._inquiries: dict[str, Inquiry] = {}

    def launch(self, extension: Extension, limits: Limits) -> Launch:
        """Return how a process of this integration is started."""
        return Launch(
            main=MAIN,
            integration=extension.name,
            module=extension.module,
            limits=limits,
            time_zone=self._time_zone,
        )

    async def describe(self, extension: Extension) -> None:
        """Ask an integration that is not running what it offers; if it cannot say, its record has the reason."""
        try:
            offer = await self._inquiry(extension).offer()
        except Refusal as refusal:
            extension.status, extension.reason = Status.BROKEN, str(refusal)
        except HubError as error:
            extension.reason = str(error)  # a crash, perhaps of this once: it is asked anew next time
        else:
            self.note(extension, offer)

    def note(self, extension: Extension, offer: Offer, limits: Limits | None = None) -> None:
        """Note what an integration offers; with ``limits``, what asks it questions is started like its adapter."""
        assert extension.manifest is not None
        if limits is not None:
            self._inquiries[extension.name] = Inquiry(self.launch(extension, limits), self._clock)
        extension.integration = self._inquiry(extension).stand_in(extension.manifest, offer)
        extension.status, extension.reason = Status.LOADED, None

    def _inquiry(self, extension: Extension) -> Inquiry:
        if extension.name not in self._inquiries:
            self._inquiries[extension.name] = Inquiry(self.launch(extension, Limits()), self._clock)
        return self._inquiries[extension.name]
