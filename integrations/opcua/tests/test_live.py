"""The adapter with node-opcua's server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hearth_opcua.adapter import OpcUaAdapter
from hearth_opcua.identity import load_identity
from hearth_opcua.integration import probe
from hub import ConfigEntry, ConnectionLost, DeviceRefused, EntityCall, InvalidInput
from hub.testing import RecordingHost
from integrations.opcua.tests.conftest import FOLDER, free_port
from tests.node_program import NodeProgram

pytestmark = pytest.mark.asyncio(loop_scope="module")


def adapter_of(data: dict[str, Any]) -> OpcUaAdapter:
    return OpcUaAdapter(ConfigEntry(entry_id="1", integration="opcua", title="Boiler", data=data))


@asynccontextmanager
async def running(host: RecordingHost, data: dict[str, Any], values: int = 1) -> AsyncIterator[OpcUaAdapter]:
    """Run an adapter; the block begins when so many values have come."""
    adapter = adapter_of(data)
    task = asyncio.create_task(adapter.run(host))
    waiting = asyncio.create_task(host.until(lambda: len(host.states) >= values))
    try:
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        await waiting
        yield adapter
    finally:
        for each in (task, waiting):
            each.cancel()
        await asyncio.wait([task, waiting])


def states(host: RecordingHost) -> dict[str, str | None]:
    return {host.entities[unique_id].name or "": report.state for unique_id, report in host.states.items()}


def key(data: dict[str, Any], node: str) -> str:
    return f"{data['url'].removeprefix('opc.tcp://')} ns=1;s={node}"


async def act(adapter: OpcUaAdapter, action: str, unique_id: str, **values: Any) -> None:
    await adapter.execute(EntityCall(action=action, unique_ids=(unique_id,), data=values))


async def test_named_nodes_are_followed(host: RecordingHost, server: NodeProgram, data: dict[str, Any]) -> None:
    async with running(host, data, 10):
        assert states(host) == {
            "Temperature": "20.5", "Set point": "45", "Pump": "off", "Alarm": "off", "Speed": "3000", "Mode": "off",
            "Label": "Cellar", "Serial": "B-1001", "Stubborn": "7", "Locked": "7",
        }  # fmt: skip
        assert host.connection == (True, None)
        await server.tell(set="Temperature", to=33.25)
        await host.until(lambda: states(host)["Temperature"] == "33.2")
        await server.tell(set="Alarm", to=True)
        await host.until(lambda: states(host)["Alarm"] == "on")


async def test_types_ranges_units_and_options_are_the_servers(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    async with running(host, data, 10):
        shown = {each.name: each for each in host.entities.values()}
        assert {name: each.domain for name, each in shown.items()} == {
            "Temperature": "sensor", "Set point": "number", "Pump": "switch", "Alarm": "binary_sensor", "Speed": "number",
            "Mode": "select", "Label": "text", "Serial": "sensor", "Stubborn": "number", "Locked": "number",
            "Reset": "button",
        }  # fmt: skip
        assert (shown["Temperature"].unit, shown["Temperature"].device_class) == ("°C", "temperature")
        assert shown["Temperature"].attributes == {"state_class": "measurement"}
        assert (shown["Set point"].attributes["min"], shown["Set point"].attributes["max"]) == (5, 90)
        assert shown["Mode"].attributes == {"options": ["off", "eco", "comfort"]}
        device = shown["Pump"].device
        assert device is not None
        assert device.manufacturer is not None


async def test_what_is_written_has_the_right_type_and_is_read_back(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    async with running(host, data, 10) as adapter:
        await act(adapter, "switch.turn_on", key(data, "Pump"))
        assert states(host)["Pump"] == "on"
        await act(adapter, "switch.toggle", key(data, "Pump"))
        assert states(host)["Pump"] == "off"
        await act(adapter, "number.set_value", key(data, "SetPoint"), value=61.3)
        await act(adapter, "number.set_value", key(data, "Speed"), value=2400)
        await act(adapter, "select.select_option", key(data, "Mode"), option="eco")
        await act(adapter, "select.select_next", key(data, "Mode"), cycle=True)
        await act(adapter, "text.set_value", key(data, "Label"), value="地下室")
        assert states(host)["Set point"] == "61.3"
        assert (states(host)["Mode"], states(host)["Label"]) == ("comfort", "地下室")
        written = {line["written"]: (line["type"], line["value"]) for line in server.heard if "written" in line}
        assert written["Pump"] == ("Boolean", False)
        assert written["Speed"] == ("UInt16", 1200)
        assert written["Mode"] == ("UInt32", 2)
        assert written["SetPoint"][0] == "Float"
        assert written["Label"] == ("String", "地下室")


async def test_a_method_is_called(host: RecordingHost, server: NodeProgram, data: dict[str, Any]) -> None:
    async with running(host, data, 10) as adapter:
        await act(adapter, "button.press", key(data, "Reset"))
        await server.until(lambda line: line.get("called") == "Reset")
        await host.until(lambda: states(host)["Temperature"] == "0.0")
        assert str(states(host)["Reset"]).startswith("20")


async def test_a_write_that_is_refused_or_does_not_last_is_an_error(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    async with running(host, data, 10) as adapter:
        with pytest.raises(DeviceRefused, match=r"\(BadUserAccessDenied\)"):
            await act(adapter, "number.set_value", key(data, "Locked"), value=3)
        with pytest.raises(DeviceRefused, match="Stubborn was set to 3, and the server still says 7"):
            await act(adapter, "number.set_value", key(data, "Stubborn"), value=3)
        with pytest.raises(InvalidInput, match="Expected Set point from 5 to 90, got 95"):
            await act(adapter, "number.set_value", key(data, "SetPoint"), value=95)


async def test_a_bad_status_makes_one_entity_unavailable_and_says_why(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    async with running(host, data, 10):
        temperature = key(data, "Temperature")
        await server.tell(fail="Temperature", **{"as": "BadSensorFailure"})
        await host.until(lambda: host.availability[temperature] is False)
        assert host.connection is not None
        assert "Temperature: " in str(host.connection[1])
        assert "(BadSensorFailure)" in str(host.connection[1])
        assert host.availability[key(data, "Pump")]
        await server.tell(set="Temperature", to=1)
        await host.until(lambda: host.availability[temperature] and host.connection == (True, None))
        assert states(host)["Temperature"] == "1.0"


async def test_a_node_that_is_not_there_is_named_and_the_others_are_followed(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    data["nodes"] = [{"node": "ns=1;s=Nowhere"}, {"node": "nsu=urn:nowhere;s=Pump"}, {"node": "ns=1;s=Pump"}]
    async with running(host, data):
        assert states(host) == {"Pump": "off"}
        assert host.connection is not None
        assert "ns=1;s=Nowhere: " in str(host.connection[1])
        assert "(BadNodeIdUnknown)" in str(host.connection[1])


async def test_variables_below_a_node_are_found(host: RecordingHost, server: NodeProgram, data: dict[str, Any]) -> None:
    del data["nodes"]
    data["browse"] = "ns=1;s=Boiler"
    async with running(host, data, 10):
        domains = {each.name: each.domain for each in host.entities.values()}
        assert domains["Burner Flame"] == "binary_sensor"
        assert set(domains.values()) == {"sensor", "binary_sensor"}
        assert "Reset" not in domains


async def test_what_is_browsed_may_be_changed_where_both_sides_allow_it(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    data |= {"browse": ["i=85"], "browse_writable": True, "nodes": []}
    async with running(host, data, 10):
        domains = {each.name: each.domain for each in host.entities.values()}
        assert domains["Boiler Pump"] == "switch"
        assert domains["Boiler SetPoint"] == "number"
        assert domains["Boiler Stubborn"] == "sensor"  # the server names no range for it
        assert domains["Boiler Reset"] == "button"


@pytest.mark.parametrize("security", ["sign", "sign_and_encrypt"])
async def test_it_speaks_signed_and_encrypted_with_a_certificate_of_its_own(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any], security: str
) -> None:
    data |= {"security": security, "username": "hearth", "password": "secret"}
    async with running(host, data, 10) as adapter:
        await act(adapter, "switch.turn_on", key(data, "Pump"))
        assert states(host)["Pump"] == "on"
    kept = dict(host.storage.load("identity"))
    assert set(kept) == {"certificate", "private_key", "fingerprint"}
    async with running(host, data, 10):
        assert host.storage.load("identity") == kept
    data["fingerprint"] = "ab" * 32
    with pytest.raises(ConnectionLost, match="is another than before"):
        await adapter_of(data).run(host)


async def test_a_wrong_password_is_said(pki: Path, host: RecordingHost, data: dict[str, Any]) -> None:
    port = free_port()
    data["url"] = f"opc.tcp://127.0.0.1:{port}"
    program = NodeProgram("opcua", FOLDER, port, pki, "login")
    await program.start()
    try:
        with pytest.raises(ConnectionLost, match="does not let anonymous users in"):
            await adapter_of(data).run(host)
        wrong = {**data, "username": "hearth", "password": "a guess"}
        with pytest.raises(ConnectionLost, match=f"127.0.0.1:{port} does not let hearth in"):
            await adapter_of(wrong).run(host)
        with pytest.raises(InvalidInput, match="does not let hearth in") as refused:
            await probe({"url": data["url"], "username": "hearth", "password": "a guess", "security": "sign"})
        assert refused.value.path == ("password",)
        async with running(host, {**data, "username": "hearth", "password": "secret"}, 10):
            assert host.connection == (True, None)
    finally:
        await program.stop()


async def test_a_server_that_has_yet_to_trust_the_hub_is_added_and_says_so(
    tmp_path: Path, host: RecordingHost, data: dict[str, Any]
) -> None:
    port = free_port()
    program = NodeProgram("opcua", FOLDER, port, tmp_path, "strict")
    await program.start()
    try:
        form = {"url": f"opc.tcp://127.0.0.1:{port}", "security": "sign_and_encrypt", "browse": "ns=1;s=Boiler"}
        entry = dict((await probe(form)).data)
        mine = load_identity(entry["certificate"], entry["private_key"])
        with pytest.raises(ConnectionLost, match=f"does not trust the hub's certificate yet.*{mine.fingerprint}"):
            await adapter_of(entry).run(host)
        await program.stop()
        await asyncio.to_thread(accept, tmp_path / "pki")
        await program.start()  # it looks into its folders then
        async with running(host, entry, 10):
            assert states(host)["Temperature"] == "20.5"
    finally:
        await program.stop()


def accept(pki: Path) -> None:
    """Do what a server's administrator does."""
    for rejected in (pki / "rejected").iterdir():
        rejected.rename(pki / "trusted" / "certs" / rejected.name)


async def test_a_server_that_ends_is_noticed_and_followed_again_when_it_is_back(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    adapter = adapter_of(data)
    task = asyncio.create_task(adapter.run(host))
    await host.until(lambda: len(host.states) == 10)
    await server.stop()
    with pytest.raises(ConnectionLost):
        await task
    with pytest.raises(ConnectionLost, match="There is no connection"):
        await act(adapter, "switch.turn_on", key(data, "Pump"))
    with pytest.raises(ConnectionLost, match="cannot be reached"):
        await adapter.run(host)
    await server.start()
    async with running(host, data, 10):
        await server.tell(set="Temperature", to=99)
        await host.until(lambda: states(host)["Temperature"] == "99.0")


async def test_the_form_makes_an_entry_that_keeps_both_certificates(
    host: RecordingHost, server: NodeProgram, data: dict[str, Any]
) -> None:
    probed = await probe(
        {"url": data["url"], "security": "sign_and_encrypt", "username": "", "browse": "ns=1;s=Boiler"}
    )
    assert len(probed.data["fingerprint"]) == 64
    assert "PRIVATE KEY" in probed.data["private_key"]
    async with running(host, dict(probed.data), 10):
        assert states(host)["Temperature"] == "20.5"
        assert host.storage.load("identity") is None
    with pytest.raises(InvalidInput, match="Found no variables") as refused:
        await probe({"url": data["url"], "security": "none", "browse": "ns=1;s=Serial"})
    assert refused.value.path == ("browse",)
    with pytest.raises(ConnectionLost, match="cannot be reached"):
        await probe({"url": f"opc.tcp://127.0.0.1:{free_port()}", "security": "none"})
