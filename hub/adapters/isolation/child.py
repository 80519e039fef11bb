"""What runs in an integration's own process: ``serve`` talks with the hub through three inherited sockets.

It ends when the hub's end of the sockets closes, whatever the integration is doing. ``serve`` is given what loads an
integration, for finding its hooks is the business of ``hub.plugins``, whose module ``child`` is the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import tzinfo
from typing import NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import voluptuous as vol

from hub.adapters.interfaces import Adapter, ConfigEntry, Integration
from hub.adapters.isolation import failures
from hub.adapters.isolation.duties import Duties
from hub.adapters.isolation.frames import PROTOCOL, Frame, receive
from hub.adapters.isolation.limits import Limits, confine, memory_mb
from hub.adapters.isolation.mouth import LogLines, Mouth
from hub.adapters.isolation.offer import Offer
from hub.adapters.isolation.process import PATIENCE
from hub.adapters.isolation.proxy import HostProxy
from hub.adapters.isolation.values import remade
from hub.errors import HubError

_log = logging.getLogger(__name__)

Load = Callable[[str, str], Integration]
"""Imports an integration by name and module; raises whatever is wrong with it."""


def serve(load: Load) -> NoReturn:
    """Be the process whose sockets' file descriptors are the arguments: orders, words, doors."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a service manager's stop is for the hub, whose end is ours
    orders, words, doors = (socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[1:4])
    mouth = Mouth(words)
    hello = receive(orders)
    if hello is None or hello.values["protocol"] != PROTOCOL:
        mouth.say("offer", {"protocol": PROTOCOL})
        _leave(1)
    confine(Limits(**hello.values["limits"]))
    logging.basicConfig(level=hello.values["log_level"], handlers=[LogLines(mouth)], format="%(message)s")
    asyncio.run(Child(orders, mouth, doors, hello, load).run())
    _leave(0)


class Child:
    """One integration in this process: its adapter for one config entry, or its answers to questions."""

    def __init__(self, orders: socket.socket, mouth: Mouth, doors: socket.socket, hello: Frame, load: Load) -> None:
        self._orders = orders
        self._mouth = mouth
        self._doors = doors
        self._name: str = hello.values["integration"]
        self._module: str = hello.values["module"]
        self._host = HostProxy(mouth, self._name, _zone(hello.values["time_zone"]))
        self._load = load
        self._adapter: Adapter | None = None
        self._duties: Duties | None = None
        self._running: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    async def run(self) -> None:
        """Obey until the hub has gone or the adapter has ended."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="orders", daemon=True).start()
        async with asyncio.TaskGroup() as group:
            self._group = group
            await self._end.wait()
            if self._duties is not None:
                self._duties.cancel()
            if self._running is not None:
                self._running.cancel()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear orders in a thread of its own: the end of the hub is noticed though the event loop may be blocked."""
        with contextlib.suppress(OSError, HubError, RuntimeError):
            while (frame := receive(self._orders)) is not None:
                loop.call_soon_threadsafe(self._obey, frame)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._end.set)
        time.sleep(PATIENCE)
        _leave(1)

    def _obey(self, frame: Frame) -> None:
        match frame.kind:
            case "ping":
                self._mouth.say("pong", {"memory_mb": memory_mb(), "cpu": time.process_time()})
            case "adapt":
                self._adapt(remade(ConfigEntry, frame.values))
            case "consult":
                self._consult()
            case "run":
                self._running = self._group.create_task(self._run(), name=f"adapter:{self._name}")
            case _ if self._duties is not None:
                self._duties.hear(frame)

    def _adapt(self, entry: ConfigEntry) -> None:
        integration = self._loaded()
        if integration is None:
            return
        try:
            integration.config_schema(dict(entry.data))
            self._adapter = integration.make(entry)
        except vol.Invalid as error:
            self._refuse(f"{error} in the settings of {entry.title}", broken=False)
        except Exception as error:  # noqa: BLE001 - boundary: an adapter that cannot be made is one that failed
            _log.exception("The adapter of %s could not be made", entry.title)
            self._mouth.say("ended", failures.written(error))
            self._end.set()
        else:
            self._begin(integration)

    def _consult(self) -> None:
        integration = self._loaded()
        if integration is not None:
            self._begin(integration)

    def _begin(self, integration: Integration) -> None:
        self._duties = Duties(integration, self._adapter, self._host, self._mouth, self._doors, self._group)
        self._mouth.say("offer", Offer.of(integration, self._adapter).written())

    def _loaded(self) -> Integration | None:
        try:
            return self._load(self._name, self._module)
        except HubError as error:
            self._refuse(str(error), broken=True)
        except Exception as error:  # noqa: BLE001 - boundary: a plugin that cannot be loaded is a record
            self._refuse(f"{type(error).__name__}: {error}", broken=True)
        return None

    def _refuse(self, message: str, *, broken: bool) -> None:
        self._mouth.say("refused", {"message": message, "broken": broken})

    async def _run(self) -> None:
        assert self._adapter is not None
        try:
            await self._host.run(self._adapter.run(self._host))
        except Exception as group:  # noqa: BLE001 - boundary: how the adapter ended is the hub's to judge
            error = failures.leaf(group)
            if not isinstance(error, HubError):
                _log.error("The adapter of %s failed", self._name, exc_info=error)
            self._mouth.say("ended", failures.written(error))
        else:
            self._mouth.say("ended")
        self._end.set()


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _leave(code: int) -> NoReturn:
    """End at once: threads of the integration may still be at work."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
