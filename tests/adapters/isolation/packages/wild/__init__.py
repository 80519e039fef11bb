"""An integration that does what a test tells it, good or bad. ``wild.do`` names the deed."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import voluptuous as vol

from hub import (
    ActionDescription,
    AdapterHost,
    ConfigEntry,
    ConnectionLost,
    DeviceDescription,
    DeviceRefused,
    DiscoveredDevice,
    EntityCall,
    EntityDescription,
    Field,
    FoundService,
    Integration,
    InvalidInput,
    Manifest,
    Message,
    Picture,
    Principal,
    Probed,
    Report,
    ResponseMode,
    TemplateError,
    hook,
)

LAMP = EntityDescription(
    domain="light",
    unique_id="lamp",
    name=None,
    device=DeviceDescription(
        identifiers=("d1",), connections=(("mac", "aa:bb:cc:00:11:22"),), name="Wild lamp", area="Study"
    ),
    attributes={"supported_color_modes": ["brightness"]},
)
SENSOR = EntityDescription(domain="sensor", unique_id="counter", name="Counter", device=LAMP.device, unit="steps")


def short(value: Any) -> str:
    """A check that no selector knows."""
    if not isinstance(value, str) or len(value) > 20:
        raise vol.Invalid("expected at most 20 characters")
    return value.lower()


DO = ActionDescription(
    domain="wild",
    name="do",
    entity=False,
    response=ResponseMode.OPTIONAL,
    timeout=20.0,
    fields=(
        Field(name="what", selector={"text": {}}, required=True, validate=short),
        Field(name="number", selector={"number": {"min": 0, "max": 1_000_000}}, default=0),
    ),
)


class WildAdapter:
    """One lamp, one counter, and much else."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._entry = entry
        self._end: asyncio.Future[None] | None = None
        self._host: AdapterHost | None = None
        self._fires: dict[int, Callable[[Mapping[str, Any]], None]] = {}
        self._hold: list[bytearray] = []

    async def run(self, host: AdapterHost) -> None:
        self._host = host
        self._end = asyncio.get_running_loop().create_future()
        host.add(LAMP)
        host.add(SENSOR)
        host.report(Report(unique_id="lamp", state="off"))
        host.available(True)
        host.connected(True)
        if "at_start" in self._entry.data:
            await self._do(self._entry.data["at_start"], 0)
        try:
            await self._end
        finally:
            host.fire("wild_leaves", {"pid": os.getpid()})

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        if call.action == "wild.do":
            return await self._do(call.data["what"], call.data["number"])
        if call.data.get("effect") == "refuse":
            raise DeviceRefused("The lamp says no")
        state = "on" if call.action == "light.turn_on" else "off"
        self.host.report(
            Report(unique_id="lamp", state=state, attributes={"brightness": call.data.get("brightness", 255)})
        )
        return None

    def listen(self, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Callable[[], None]:
        if "number" not in spec:
            raise InvalidInput("Expected a number")
        self._fires[spec["number"]] = fire
        return lambda: self._fires.pop(spec["number"], None) and None

    async def send_message(self, message: Message) -> bool:
        self.host.message(Message(conversation=message.conversation, sender="echo", text=message.text))
        return message.text != "no"

    async def picture(self, unique_id: str) -> Picture | None:
        return Picture(content=bytes(range(256)) * 1000, content_type="image/png") if unique_id == "lamp" else None

    @property
    def host(self) -> AdapterHost:
        assert self._host is not None
        return self._host

    async def _do(self, what: str, number: int) -> Mapping[str, Any] | None:
        deed: Callable[[int], Any] = getattr(self, f"_do_{what}")
        done = deed(number)
        result: Mapping[str, Any] | None = await done if asyncio.iscoroutine(done) else done
        return result

    # -------------------------------------------------------------------------------------------------------------- good

    def _do_pid(self, _: int) -> dict[str, Any]:
        return {"pid": os.getpid(), "nice": os.nice(0), "prefix": sys.prefix}

    def _do_fire(self, number: int) -> None:
        self._fires[number]({"platform": "wild", "number": number})

    def _do_ring(self, _: int) -> None:
        self.host.fire("wild_rings", {"how": "loud"}, device="d1")

    def _do_save(self, number: int) -> None:
        self.host.storage.save("seen", lambda: {"number": number})

    def _do_load(self, _: int) -> dict[str, Any]:
        return {"seen": self.host.storage.load("seen"), "other": self.host.storage.load("other")}

    def _do_render(self, number: int) -> dict[str, Any]:
        try:
            self.host.render("{{ 1 / 0 }}", {})
        except TemplateError as error:
            return {"text": self.host.render("{{ n + 1 }} steps", {"n": number}), "error": str(error)}
        return {}

    def _do_audit(self, number: int) -> None:
        self.host.audit("wild_deed", "lamp", number=number)

    def _do_discover(self, number: int) -> None:
        device = DiscoveredDevice(integration="wild", unique_id=str(number), title="Another", source="wild")
        self.host.discovered(device)

    def _do_withdraw(self, number: int) -> None:
        self.host.withdrawn(str(number))

    def _do_remove(self, _: int) -> None:
        self.host.remove("lamp")
        self.host.remove("counter")

    def _do_hide(self, _: int) -> None:
        self.host.available(False, "lamp")

    async def _do_authenticate(self, _: int) -> dict[str, Any]:
        stranger = await self.host.authenticate("eve", "wrong")
        principal = await self.host.authenticate("ada", "secret")
        assert isinstance(principal, Principal)
        self.host.on_revoked(principal, lambda: self.host.fire("wild_revoked", {"name": principal.name}))
        return {"name": principal.name, "stranger": stranger is None}

    def _do_serve(self, _: int) -> None:
        self.host.serve("mqtt", lambda: Echo(self.host))

    def _do_task(self, _: int) -> None:
        async def report() -> None:
            self.host.report(Report(unique_id="counter", state="42"))

        self.host.task(report(), "counting")

    # --------------------------------------------------------------------------------------------------------------- bad

    def _do_exit(self, _: int) -> None:
        os._exit(3)

    def _do_kill(self, _: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _do_segfault(self, _: int) -> None:
        ctypes.string_at(0)

    def _do_loop(self, _: int) -> None:
        while True:
            pass

    def _do_block(self, number: int) -> None:
        time.sleep(number / 1000)

    def _do_grow(self, number: int) -> None:
        self._hold += [bytearray(os.urandom(1024) * 1024) for _ in range(number)]

    def _do_leak(self, _: int) -> None:
        while True:
            self._do_grow(16)

    def _do_burn(self, _: int) -> None:
        def burn() -> None:
            while True:
                pass

        threading.Thread(target=burn, daemon=True).start()

    def _do_babble(self, _: int) -> None:
        self.host._mouth._words.sendall(b"\x00\x00\x00\x05\x00\x00\x00\x00hello")  # type: ignore[attr-defined]

    def _do_lie(self, _: int) -> None:
        self.host._mouth.say("report", {"colour": "red"})  # type: ignore[attr-defined]

    def _do_hang_up(self, _: int) -> None:
        os.close(self.host._mouth._words.fileno())  # type: ignore[attr-defined]

    async def _do_wait(self, _: int) -> None:
        await asyncio.get_running_loop().create_future()

    def _do_lose(self, _: int) -> None:
        assert self._end is not None
        self._end.set_exception(ConnectionLost("The cable is out"))

    def _do_end(self, _: int) -> None:
        assert self._end is not None
        self._end.set_result(None)

    def _do_fail(self, _: int) -> None:
        assert self._end is not None
        self._end.set_exception(ZeroDivisionError("oops"))

    def _do_defect(self, _: int) -> None:
        raise ZeroDivisionError("oops")

    def _do_speak_nonsense(self, _: int) -> None:
        self.host.report(Report(unique_id="lamp", state="on", attributes={"thing": object()}))

    def _do_flood(self, number: int) -> None:
        for count in range(number):
            self.host.report(Report(unique_id="counter", state=str(count)))

    def _do_breed(self, _: int) -> dict[str, Any]:
        return {"pid": subprocess.Popen(["sleep", "1000"]).pid}


class Echo(asyncio.Protocol):
    """Answers with what it gets, and tells who it was."""

    def __init__(self, host: AdapterHost) -> None:
        self._host = host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host.fire("wild_visitor", {"peer": list(transport.get_extra_info("peername")), "pid": os.getpid()})

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


async def probe(values: Mapping[str, Any]) -> Probed:
    if values["name"] == "nobody":
        raise ConnectionLost("Nobody is there")
    if values["name"] == "crash":
        os._exit(5)
    return Probed(title=values["name"], unique_id=values["name"], data={"name": values["name"], "pid": os.getpid()})


def from_service(service: FoundService) -> DiscoveredDevice | None:
    if not service.properties.get("id"):
        return None
    data = {"host": service.host, "addresses": list(service.addresses), "pid": os.getpid()}
    return DiscoveredDevice(
        integration="wild", unique_id=service.properties["id"], title="Found", source="zeroconf", data=data
    )


@hook
def register_integrations() -> Sequence[Integration]:
    return (
        Integration(
            manifest=Manifest.parse(Path(__file__).with_name("manifest.json").read_bytes()),
            make=WildAdapter,
            config_schema=vol.Schema({"name": str, "at_start": str, "pid": int}),
            form=(Field(name="name", selector={"text": {}}, required=True, validate=short, label="Name"),),
            probe=probe,
            from_service=from_service,
            actions=(DO,),
        ),
    )
