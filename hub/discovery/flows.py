"""Config flows: the dialogs in progress, begun by a user or by something found on the network."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry, DiscoveredDevice, Integration, Probed
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import FLOW_CHANGED, Event
from hub.core.ids import new_id
from hub.core.ports import Store
from hub.discovery.flow import USER, Flow, Step
from hub.discovery.form import BASE, Wrong, check
from hub.discovery.ignored import Ignored
from hub.discovery.moves import Moves
from hub.discovery.probing import probe
from hub.discovery.titles import clean_title
from hub.errors import InvalidInput, NotFound

_MOST_BEGUN = 20
_MOST_DISCOVERED = 100
_MOST_PRESENT = 1000
_log = logging.getLogger(__name__)

Load = Callable[[str], Integration | None]
"""Returns an installed integration, or None if it cannot be loaded; raises NotFound."""
Prepare = Callable[[str], Awaitable[None]]
"""Is awaited before an integration is loaded for a dialog: one that is isolated is asked in its own process."""


class Flows:
    """The dialogs in progress.

    Of those that users began the newest 20 are kept; of discovered things at most 100 are offered at a time, further ones
    are dropped with a line in the log. Every change is published as ``hearth_flow_changed`` with ``type`` (added, updated,
    removed), ``flow_id`` and ``flow`` as in ``progress``.
    """

    def __init__(
        self,
        *,
        load: Load,
        prepare: Prepare | None = None,
        entries: ConfigEntries,
        store: Store,
        bus: EventBus,
        clock: Clock,
        probe_timeout: float = 10.0,
    ) -> None:
        self._load = load
        self._prepare = prepare
        self._entries = entries
        self._ignored = Ignored(store)
        self._bus = bus
        self._clock = clock
        self._timeout = probe_timeout
        self._moves = Moves(entries, load, probe_timeout)
        self._flows: dict[str, Flow] = {}
        self._present: dict[tuple[str, str], DiscoveredDevice] = {}
        self._dropped = 0
        entries.listen(self._entry_changed)

    async def run(self) -> None:
        """Follow configured devices that moved to another address, until cancelled."""
        await self._moves.run()

    async def start(self, integration: str, *, source: str = USER, data: Mapping[str, Any] | None = None) -> Step:
        """Begin a dialog and return its first step; ``data`` is what is known already.

        Raises NotFound if there is no such integration, InvalidInput if it has no dialog.
        """
        if self._prepare is not None:
            await self._prepare(integration)
        loaded = self._load(integration)
        if loaded is None:
            raise InvalidInput(f"Expected an integration that works, got {integration}: it could not be loaded")
        if loaded.probe is None:
            raise InvalidInput(f"{loaded.manifest.name} has no dialog: configure it in hearth.yaml under integrations")
        flow = Flow(
            flow_id=new_id(), integration=loaded, source=source, title=loaded.manifest.name, known=dict(data or {})
        )
        if self._single(loaded):
            return flow.aborted("single_instance_allowed")
        self._make_room()
        self._add(flow)
        return flow.form()

    def step(self, flow_id: str) -> Step:
        """Return the form of a dialog, to be shown anew.

        Raises NotFound.
        """
        return self._require(flow_id).form()

    async def submit(self, flow_id: str, data: Mapping[str, Any]) -> Step:
        """Try what the user entered: the step that says what was made, or the form again with what is wrong.

        Raises NotFound if the dialog has ended, also while this waited.
        """
        async with self._require(flow_id).lock:
            flow = self._require(flow_id)
            values, errors = check(flow.asked, data)
            if errors:
                return flow.form(data, errors)
            outcome = await probe(flow.integration, {**flow.known, **values}, self._timeout)
            if not isinstance(outcome, Probed):
                return flow.form(values, outcome)
            self._require(flow_id)
            return self._finish(flow, outcome)

    def abort(self, flow_id: str) -> None:
        """End a dialog. What was discovered stays on offer: ignore it instead.

        Raises NotFound.
        """
        flow = self._require(flow_id)
        if flow.source == USER:
            self._remove(flow)

    def ignore(self, flow_id: str, title: str | None = None) -> None:
        """End the dialog of something discovered and do not offer it again.

        Raises NotFound, or InvalidInput if a user began it.
        """
        flow = self._require(flow_id)
        if flow.unique_id is None:
            raise InvalidInput("Expected the flow of something discovered, got one that a user began: abort it instead")
        self._ignored.add(flow.handler, flow.unique_id, clean_title(title or flow.title, flow.title))
        self._remove(flow)

    def progress(self) -> list[dict[str, Any]]:
        """Return what was discovered and waits for the user."""
        return [flow.progress() for flow in self._flows.values() if flow.source != USER]

    def discovered(self, device: DiscoveredDevice) -> None:
        """Offer something that was found, unless it is configured, ignored, or on offer already."""
        key = device.integration, device.unique_id
        if key in self._present or len(self._present) < _MOST_PRESENT:
            self._present[key] = device
        entry = self._entries.find(*key)
        if entry is not None:
            self._moves.seen(entry, device)
        elif key not in self._ignored:
            self._offer(device)

    def withdrawn(self, integration: str, unique_id: str) -> None:
        """Take back what was found; a dialog that is being tried goes on."""
        self._present.pop((integration, unique_id), None)
        flow = self._discovered_flow((integration, unique_id))
        if flow is not None and not flow.lock.locked():
            self._remove(flow)

    def _offer(self, device: DiscoveredDevice) -> None:
        flow = self._discovered_flow((device.integration, device.unique_id))
        if flow is not None:
            self._renew(flow, device)
            return
        if sum(flow.source != USER for flow in self._flows.values()) >= _MOST_DISCOVERED:
            self._dropped += 1
            _log.warning(
                "%d devices were found beyond the %d on offer: add or ignore some", self._dropped, _MOST_DISCOVERED
            )
            return
        integration = self._load(device.integration)
        if integration is None or integration.probe is None or self._single(integration):
            return
        title = clean_title(device.title, integration.manifest.name)
        known = dict(device.data)
        self._add(
            Flow(
                flow_id=new_id(),
                integration=integration,
                source=device.source,
                title=title,
                unique_id=device.unique_id,
                known=known,
            )
        )

    def _renew(self, flow: Flow, device: DiscoveredDevice) -> None:
        title = clean_title(device.title, flow.integration.manifest.name)
        if (flow.title, flow.known) != (title, device.data):
            flow.title, flow.known = title, dict(device.data)
            self._publish("updated", flow)

    def _finish(self, flow: Flow, probed: Probed) -> Step:
        if flow.unique_id is not None and probed.unique_id not in (None, flow.unique_id):
            text = f"Expected {flow.title} at this address, got {probed.title}: look for it again"
            return flow.form(errors={BASE: Wrong(text=text, key="another_device")})
        unique_id = probed.unique_id or flow.unique_id
        self._remove(flow)
        if self._entries.find(flow.handler, unique_id) is not None:
            return flow.aborted("already_configured")
        if self._single(flow.integration):
            return flow.aborted("single_instance_allowed")
        self._ignored.discard(flow.handler, unique_id)
        title = clean_title(probed.title, flow.title)
        return flow.created(
            self._entries.create(flow.handler, title, probed.data, unique_id=unique_id, source=flow.source)
        )

    def _entry_changed(self, old: ConfigEntry | None, new: ConfigEntry | None) -> None:
        """What is configured is not on offer; what is not configured any more, but still there, is again."""
        if new is not None and new.unique_id is not None:
            flow = self._discovered_flow((new.integration, new.unique_id))
            if flow is not None:
                self._remove(flow)
        elif old is not None and old.unique_id is not None:
            device = self._present.get((old.integration, old.unique_id))
            if device is not None:
                self.discovered(device)

    def _single(self, integration: Integration) -> bool:
        return integration.manifest.single_entry and bool(self._entries.of(integration.manifest.domain))

    def _discovered_flow(self, key: tuple[str, str]) -> Flow | None:
        return next((flow for flow in self._flows.values() if flow.key == key), None)

    def _require(self, flow_id: str) -> Flow:
        try:
            return self._flows[flow_id]
        except KeyError:
            raise NotFound(f"Expected a flow in progress, got {flow_id!r}: begin it again") from None

    def _make_room(self) -> None:
        begun = [flow for flow in self._flows.values() if flow.source == USER]
        for flow in begun[: max(0, len(begun) - _MOST_BEGUN + 1)]:
            self._remove(flow)

    def _add(self, flow: Flow) -> None:
        self._flows[flow.flow_id] = flow
        self._publish("added", flow)

    def _remove(self, flow: Flow) -> None:
        if self._flows.pop(flow.flow_id, None) is not None:
            self._publish("removed", flow)

    def _publish(self, change: str, flow: Flow) -> None:
        data = {"type": change, "flow_id": flow.flow_id, "handler": flow.handler, "flow": flow.progress()}
        self._bus.publish(Event(FLOW_CHANGED, data, Context("discovery"), self._clock.time()))
