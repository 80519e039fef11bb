"""OPC UA's adapter: one session at a server, and the nodes there that are entities here."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hearth_opcua.codec import Value, state_of, wanted
from hearth_opcua.config import Settings
from hearth_opcua.describing import describe, root_device, server_device, unique_id
from hearth_opcua.items import Item, Type
from hub import AdapterHost, ConfigEntry, ConnectionLost, DeviceDescription, DeviceRefused, EntityCall, Report

if TYPE_CHECKING:
    from hearth_opcua.identity import Identity
    from hearth_opcua.session import Session
    from hearth_opcua.variables import Variables

_DOCUMENT = "identity"  # the hub's certificate and the server's fingerprint
_MOST_SHOWN = 3
_NEEDS_STATE = frozenset({"toggle", "select_next", "select_previous"})
_log = logging.getLogger(__name__)


class OpcUaAdapter:
    """Runs one server."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._settings = Settings.parse(entry.data)
        self._host: AdapterHost | None = None
        self._variables: Variables | None = None
        self._items: dict[str, Item] = {}
        self._problems: dict[str, str] = {}
        self._shown: set[str] = set()

    async def run(self, host: AdapterHost) -> None:
        from hearth_opcua.session import Session  # noqa: PLC0415 - asyncua is loaded where it is configured only
        from hearth_opcua.variables import Variables  # noqa: PLC0415

        settings = self._settings
        self._host = host
        self._problems.clear()
        self._shown.clear()
        if settings.is_exposed:
            host.audit("opcua_plaintext", settings.address, reason=f"the security is {settings.security}")
        try:
            async with Session(settings, await self._identity(host), self._pinned(host)) as session:
                self._remember(host, session)
                await self._announce(session, host)
                variables = Variables(session, list(self._items.values()), settings.address)
                await variables.look(self._take)
                self._variables = variables
                self._judge()
                await self._work(session, variables)
        finally:
            self._variables = None

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        if self._variables is None:
            raise ConnectionLost(f"There is no connection to {self._settings.address}")
        for key in call.unique_ids:
            if key not in self._items:
                raise DeviceRefused(f"There is no node {key} any more")
            await self._act(self._variables, self._items[key], call)
        return None

    async def _act(self, variables: Variables, item: Item, call: EntityCall) -> None:
        host = self._host
        assert host is not None
        if item.domain == "button":
            await (
                variables.call(item) if item.type is Type.METHOD else variables.write(item, True, _ignore, host.clock)
            )
            now = dt.datetime.fromtimestamp(host.clock.time(), dt.UTC).isoformat()
            host.report(Report(unique_id=self._key(item), state=now))
            return
        now_held = None
        if call.action.partition(".")[2] in _NEEDS_STATE:
            now_held = state_of(item, (await variables.read(item))[0])
        await variables.write(item, wanted(item, call.action, call.data, now_held), self._take, host.clock)

    async def _work(self, session: Session, variables: Variables) -> None:
        lost: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(session, self._settings.address), name="opcua:watch")
                group.create_task(variables.follow(self._settings.interval, self._take), name="opcua:follow")
        except* ConnectionLost as errors:
            lost = errors.exceptions[0]
        if lost is not None:
            raise lost

    async def _announce(self, session: Session, host: AdapterHost) -> None:
        """Find out what there is, and tell the host."""
        from hearth_opcua.finding import find  # noqa: PLC0415 - see run
        from hearth_opcua.session import speaking  # noqa: PLC0415
        from hearth_opcua.variables import build_info  # noqa: PLC0415

        async with speaking(self._settings.address):
            found = await find(session, self._settings)
            server = server_device(self._settings.address, session.name, await build_info(session))
        self._problems.update(found.problems)
        for name, problem in found.problems.items():
            _log.warning("%s of %s: %s", name, self._settings.address, problem)
        host.add(server)
        devices: dict[str | None, DeviceDescription] = {None: server}
        for root, name in found.roots.items():
            devices[root] = root_device(self._settings.address, root, name)
        self._items = {self._key(item): item for item in found.items}
        for item in found.items:
            host.add(describe(item, self._settings.address, devices[item.root]))
            if item.type is Type.METHOD:
                host.available(True, self._key(item))

    def _take(self, item: Item, value: Value | None, problem: str | None) -> None:
        """Report what an item holds; one whose value is bad cannot be reached."""
        host, key = self._host, self._key(item)
        if host is None or item.domain == "button":
            return
        known = self._problems.get(item.name)
        if problem is not None:
            self._problems[item.name] = problem
            self._shown.discard(key)
            host.available(False, key)
        else:
            self._problems.pop(item.name, None)
            host.report(Report(unique_id=key, state=state_of(item, value)))
            if key not in self._shown:
                self._shown.add(key)
                host.available(True, key)
        if problem != known and self._variables is not None:
            self._judge()

    def _judge(self) -> None:
        if self._host is not None:
            told = [f"{name}: {problem}" for name, problem in self._problems.items()]
            self._host.connected(True, "; ".join(told[:_MOST_SHOWN]) or None)

    def _key(self, item: Item) -> str:
        return unique_id(self._settings.address, item.node)

    async def _identity(self, host: AdapterHost) -> Identity | None:
        """Return the hub's certificate for this server: as configured, as kept, or a new one."""
        from hearth_opcua.identity import load_identity, make_identity  # noqa: PLC0415 - see run

        settings, kept = self._settings, host.storage.load(_DOCUMENT) or {}
        if settings.security == "none":
            return None
        if settings.certificate is not None and settings.private_key is not None:
            return load_identity(settings.certificate, settings.private_key)
        if "certificate" in kept:
            return load_identity(kept["certificate"], kept["private_key"])
        made = await asyncio.to_thread(make_identity)
        new = {**kept, "certificate": made.certificate, "private_key": made.private_key}
        host.storage.save(_DOCUMENT, lambda: new)
        return made

    def _pinned(self, host: AdapterHost) -> str | None:
        """Return the fingerprint that the server's certificate must have, or None for the first connection."""
        kept: Mapping[str, str] = host.storage.load(_DOCUMENT) or {}
        return self._settings.fingerprint or kept.get("fingerprint")

    def _remember(self, host: AdapterHost, session: Session) -> None:
        if session.seen is not None and self._pinned(host) is None:
            new = {**(host.storage.load(_DOCUMENT) or {}), "fingerprint": session.seen}
            host.storage.save(_DOCUMENT, lambda: new)


async def _watch(session: Session, address: str) -> None:
    reason = await asyncio.shield(session.lost)
    raise ConnectionLost(f"Lost the connection to {address}: {reason}")


def _ignore(item: Item, value: Value | None, problem: str | None) -> None:
    """Take no notice of what a pressed button's node holds."""
