"""The adapter with modbus-serial's devices over TCP, and mbpoll as another master beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymodbus.pdu import ModbusPDU

from conftest import Peer
from hearth_modbus.adapter import ModbusAdapter
from hearth_modbus.config import Settings
from hearth_modbus.integration import probe
from hearth_modbus.link import Link
from hearth_modbus.registers import Kind
from hub import ActionTimeout, ConfigEntry, ConnectionLost, DeviceRefused, EntityCall, InvalidInput
from hub.testing import RecordingHost
from integrations.modbus.tests.conftest import MAP
from tests.node_program import NodeProgram


@asynccontextmanager
async def running(host: RecordingHost, data: dict[str, Any]) -> AsyncIterator[ModbusAdapter]:
    adapter = ModbusAdapter(ConfigEntry(entry_id="1", integration="modbus", title="Boiler", data=data))
    task = asyncio.create_task(adapter.run(host))
    try:
        waiting = asyncio.create_task(host.until(lambda: host.connection is not None))
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            waiting.cancel()
            await task
        yield adapter
    finally:
        task.cancel()
        await asyncio.wait([task])


def key(data: dict[str, Any], rest: str, unit: int = 1) -> str:
    return f"127.0.0.1:{data['port']}/{unit}/{rest}"


def states(host: RecordingHost) -> dict[str, str | None]:
    return {host.entities[unique_id].name or "": report.state for unique_id, report in host.states.items()}


async def act(adapter: ModbusAdapter, action: str, unique_id: str, **values: Any) -> None:
    await adapter.execute(EntityCall(action=action, unique_ids=(unique_id,), data=values))


async def test_a_register_map_is_read(host: RecordingHost, devices: NodeProgram, data: dict[str, Any]) -> None:
    async with running(host, data):
        assert states(host) == {
            "Temperature": "20.5", "Outside": "-5.5", "Status": "heating", "Energy": "123456", "Serial": "B-1001",
            "Set point": "45", "Gain": "1.5", "Mode": "off", "Night": "off", "Fault": "on", "Label": "Cellar",
            "Stubborn": "7", "Pump": "off", "Valve": "on", "Door": "on",
        }  # fmt: skip
        assert host.connection == (True, None)
        assert all(host.availability.values())
        assert len(host.availability) == len(MAP)
        reads = [(line["read"], line["at"], line["count"]) for line in devices.heard if "read" in line]
        assert set(reads) == {
            ("input", 0, 4), ("input", 10, 2), ("input", 20, 4), ("holding", 0, 5), ("holding", 10, 4),
        }  # fmt: skip
        await devices.tell(set="input", at=3, to=0)
        await host.until(lambda: states(host)["Status"] == "idle")


async def test_what_is_written_is_there_and_another_master_reads_it(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any], peer: Peer
) -> None:
    async with running(host, data) as adapter:
        await act(adapter, "switch.turn_on", key(data, "coil/0"))
        assert states(host)["Pump"] == "on"
        await act(adapter, "switch.toggle", key(data, "coil/0"))
        assert states(host)["Pump"] == "off"
        await act(adapter, "switch.turn_on", key(data, "coil/0"))
        await act(adapter, "number.set_value", key(data, "holding/0"), value=21.5)
        await act(adapter, "number.set_value", key(data, "holding/1"), value=2.25)
        await act(adapter, "select.select_option", key(data, "holding/3"), option="comfort")
        await act(adapter, "select.select_next", key(data, "holding/3"), cycle=True)
        await act(adapter, "switch.turn_on", key(data, "holding/4.0"))
        await act(adapter, "text.set_value", key(data, "holding/10"), value="Attic")
        assert states(host) | {"Set point": "21.5", "Gain": "2.25", "Mode": "off", "Label": "Attic"} == states(host)
        assert (states(host)["Night"], states(host)["Fault"]) == ("on", "on")
        await act(adapter, "button.press", key(data, "coil/2"))
        await devices.until(lambda line: line.get("written") == "coil" and line["at"] == 2)
    out = await mbpoll(peer, data, "-c", "5")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("[")] == ["215", "16400", "0", "0", "9"]


async def mbpoll(peer: Peer, data: dict[str, Any], *arguments: str, value: str = "") -> str:
    """Let libmodbus's master read or write holding registers from 0 on."""
    program = peer("mbpoll", "apt-get install mbpoll")
    options = ("-m", "tcp", "-p", str(data["port"]), "-0", "-1", "-a", "1", "-t", "4", "-r", "0", *arguments)
    command = [program, *options, "127.0.0.1", *([value] if value else [])]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out.decode()


async def test_what_another_master_writes_is_seen(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any], peer: Peer
) -> None:
    async with running(host, data):
        await mbpoll(peer, data, value="300")
        await host.until(lambda: states(host)["Set point"] == "30")


async def test_a_device_that_keeps_its_value_refuses(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    async with running(host, data) as adapter:
        with pytest.raises(DeviceRefused, match="Stubborn was set to 3, and Boiler still says 7"):
            await act(adapter, "number.set_value", key(data, "holding/40"), value=3)
        with pytest.raises(InvalidInput, match="Expected Set point from 5"):
            await act(adapter, "number.set_value", key(data, "holding/0"), value=95)
        assert states(host)["Stubborn"] == "7"


async def test_a_silent_unit_does_not_keep_the_others_waiting(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    registers = MAP[:2]
    data["timeout"] = 0.2
    data["devices"] = [
        {"unit_id": unit, "name": f"Unit {unit}", "poll": 0.1, "registers": registers} for unit in (1, 2)
    ]
    async with running(host, data) as adapter:
        await host.until(lambda: len(host.states) == 4)
        await devices.tell(silence=2)
        await host.until(lambda: host.availability.get(key(data, "input/0", 2)) is False)
        assert host.connection is not None
        assert host.connection[0]
        assert "Unit 2 at 127.0.0.1" in str(host.connection[1])
        assert "does not answer" in str(host.connection[1])
        await devices.tell(set="input", at=2, to=77)
        await host.until(lambda: host.states[key(data, "input/2")].state == "7.7")
        assert host.availability[key(data, "input/2")]
        await devices.tell(answer=2)
        await host.until(lambda: host.availability[key(data, "input/2", 2)] and host.connection == (True, None))
        assert adapter is not None


async def test_an_action_on_a_silent_unit_has_an_unknown_outcome(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    data["timeout"] = 0.2
    data["devices"].append({"unit_id": 2, "name": "Other", "registers": MAP[:1]})
    async with running(host, data) as adapter:
        await devices.tell(silence=1)
        with pytest.raises(ActionTimeout, match=r"Unit 1 at 127\.0\.0\.1:\d+ does not answer"):
            await act(adapter, "switch.turn_on", key(data, "coil/0"))


async def test_no_device_that_answers_is_a_lost_connection(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    data["timeout"] = 0.2
    await devices.tell(silence=1)
    with pytest.raises(ConnectionLost, match=r"Boiler: Unit 1 at .* does not answer"):
        async with running(host, data):
            pass


async def test_a_server_that_ends_is_a_lost_connection_and_a_new_run_finds_it_again(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    adapter = ModbusAdapter(ConfigEntry(entry_id="1", integration="modbus", title="Boiler", data=data))
    task = asyncio.create_task(adapter.run(host))
    await host.until(lambda: host.connection == (True, None))
    await devices.stop()
    with pytest.raises(ConnectionLost):
        await task
    with pytest.raises(ConnectionLost, match="cannot be reached"):
        await adapter.run(host)
    await devices.start()
    async with running(host, data):
        await host.until(lambda: states(host)["Set point"] == "45")


async def test_addresses_that_do_not_exist_are_named_and_their_neighbours_are_read(
    host: RecordingHost, devices: NodeProgram, data: dict[str, Any]
) -> None:
    data["devices"][0]["registers"] = [*MAP[:4], {"name": "Missing", "kind": "input", "address": 4}]
    async with running(host, data):
        assert host.connection is not None
        assert "Missing: Unit 1 at" in str(host.connection[1])
        assert "it has no such address (exception 2)" in str(host.connection[1])
        assert states(host)["Temperature"] == "20.5"
        assert "Missing" not in states(host)
        reads = len(devices.heard)
        await host.until(lambda: sum(report.unique_id == key(data, "input/0") for report in host.reports) > 2)
        assert {(line["at"], line["count"]) for line in devices.heard[reads:] if "read" in line} <= {
            (0, 2), (2, 1), (3, 1), (4, 1), (10, 2),
        }  # fmt: skip


async def test_a_cancellation_that_comes_with_the_answer_is_not_lost(
    devices: NodeProgram, data: dict[str, Any]
) -> None:
    async with Link(Settings.parse(data).link) as link:
        asking = asyncio.create_task(link.read(1, Kind.INPUT, 0, 2))

        def trace(sending: bool, pdu: ModbusPDU) -> ModbusPDU:
            if not sending:
                asking.cancel()
            return pdu

        assert link._client is not None
        link._client.ctx.trace_pdu = trace
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_the_form_tries_the_register_map(devices: NodeProgram, data: dict[str, Any]) -> None:
    form = {
        "transport": "tcp",
        "host": "127.0.0.1",
        "port": data["port"],
        "unit_id": 1,
        "name": "Boiler",
        "profile": "",
    }
    good = "- {name: Temperature, kind: input, address: 0, type: float32}"
    probed = await probe({**form, "registers": good})
    assert probed.title == f"Boiler (127.0.0.1:{data['port']})"
    assert probed.data["devices"][0]["registers"][0]["name"] == "Temperature"
    with pytest.raises(InvalidInput, match=r"Far away: Unit 1 .* no such address") as refused:
        await probe({**form, "registers": f"{good}\n- {{name: Far away, kind: input, address: 900}}"})
    assert refused.value.path == ("registers",)
    with pytest.raises(InvalidInput, match="a profile or some registers"):
        await probe(form)
    await devices.stop()
    with pytest.raises(ConnectionLost, match="cannot be reached"):
        await probe({**form, "registers": good})
