from __future__ import annotations

import pytest

from hearth_mqtt.codec import Connack, Connect, Disconnect, Packet, Properties, Reason, Version
from hearth_mqtt.endpoint import Limits
from hearth_mqtt.testing import Mosquitto, Served, client, connect, serve
from hub import HubError, Principal, Refused
from hub.testing import RecordingHost, SimulatedClock


async def answer(served: Served, packet: Connect) -> Reason:
    async with connect(served.port, packet.version) as peer:
        peer.send(packet)
        reply = await peer.receive()
        assert isinstance(reply, Connack)
        return reply.reason


def introduction(name: str | None, secret: bytes | None, version: Version = Version.V5) -> Connect:
    return Connect(client_id="c", version=version, username=name, password=secret)


QUICK = Limits(refusal_delay=0.0)


@pytest.mark.parametrize(
    ("name", "secret", "expected"),
    [
        ("device", b"secret", Reason.SUCCESS),
        ("ada", b"a-long-lived-token", Reason.SUCCESS),
        ("device", b"wrong", Reason.BAD_CREDENTIALS),
        ("stranger", b"secret", Reason.BAD_CREDENTIALS),
        ("device", b"\xff", Reason.NOT_AUTHORIZED),
        ("device", b"", Reason.NOT_AUTHORIZED),
        ("device", None, Reason.NOT_AUTHORIZED),
        ("", b"", Reason.NOT_AUTHORIZED),
        (None, None, Reason.NOT_AUTHORIZED),
    ],
)
@pytest.mark.parametrize("version", list(Version))
async def test_who_may_connect(
    host: RecordingHost, name: str | None, secret: bytes | None, expected: Reason, version: Version
) -> None:
    if version is Version.V311 and name is None:
        secret = None
    async with serve(host, QUICK) as served:
        assert await answer(served, introduction(name, secret, version)) is expected


async def test_nobody_comes_in_without_a_name_unless_that_is_allowed(host: RecordingHost) -> None:
    async with serve(host, QUICK, anonymous=True) as served:
        assert await answer(served, introduction(None, None)) is Reason.SUCCESS
        assert await answer(served, introduction("stranger", b"guess")) is Reason.BAD_CREDENTIALS


async def test_an_mqtt_5_client_may_send_a_token_without_a_name(host: RecordingHost) -> None:
    host.secrets[""] = "a-token-alone"
    async with serve(host) as served:
        assert await answer(served, introduction(None, b"a-token-alone")) is Reason.SUCCESS


async def test_guests_may_not_use_mqtt(host: RecordingHost, monkeypatch: pytest.MonkeyPatch) -> None:
    async def authenticate(name: str, secret: str) -> Principal:
        return Principal(user_id="1", name=name, role="guest")

    monkeypatch.setattr(host, "authenticate", authenticate)
    async with serve(host) as served:
        assert await answer(served, introduction("visitor", b"token")) is Reason.NOT_AUTHORIZED


async def test_whom_the_hub_refuses_is_not_let_in(host: RecordingHost, monkeypatch: pytest.MonkeyPatch) -> None:
    async def authenticate(name: str, secret: str) -> Principal:
        raise Refused("Bob is user: mqtt.connect acts on the hub itself")

    monkeypatch.setattr(host, "authenticate", authenticate)
    async with serve(host) as served:
        assert await answer(served, introduction("bob", b"token")) is Reason.NOT_AUTHORIZED


async def test_extended_authentication_is_refused(host: RecordingHost) -> None:
    packet = Connect(client_id="c", version=Version.V5, properties=Properties(authentication_method="SCRAM-SHA-256"))
    async with serve(host) as served:
        assert await answer(served, packet) is Reason.BAD_AUTHENTICATION_METHOD


async def test_an_authenticator_that_fails_refuses_its_client_alone(
    host: RecordingHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def authenticate(name: str, secret: str) -> Principal:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(host, "authenticate", authenticate)
    async with serve(host) as served:
        assert await answer(served, introduction("ada", b"token")) is Reason.SERVER_UNAVAILABLE
        assert await answer(served, introduction("device", b"secret")) is Reason.SUCCESS
    assert "the database is gone" in caplog.text


async def test_a_wrong_password_is_answered_late(host: RecordingHost) -> None:
    clock = SimulatedClock()
    async with serve(RecordingHost(clock=clock)) as served, connect(served.port) as peer:
        peer.send(introduction("device", b"guess", Version.V311))
        await served.host.until(lambda: bool(served.host.audited))
        await clock.advance(0.9)
        assert not peer.reader._buffer  # type: ignore[attr-defined]
        await clock.advance(0.2)
        reply = await peer.receive()
        assert isinstance(reply, Connack)


@pytest.mark.parametrize("version", ["311", "5"])
async def test_mosquitto_pub_with_a_wrong_password_is_told_so(served: Served, version: str) -> None:
    done = await Mosquitto(served.port, ("-u", "device", "-P", "wrong")).publish("-t", "a", "-m", "b", version=version)
    assert done.code != 0
    assert "bad user name or password" in done.err.lower()


async def test_the_audit_log_has_who_came_who_was_refused_and_who_left(host: RecordingHost) -> None:
    async with serve(host, QUICK) as served:
        await answer(served, introduction("device", b"secret"))
        await host.until(lambda: len(host.audited) == 2)
        await answer(served, introduction("device", b"a-guess"))
    seen = [(kind, subject, detail.get("user"), detail.get("reason")) for kind, subject, detail in host.audited]
    assert seen == [
        ("mqtt_connected", "c", "device", None),
        ("mqtt_disconnected", "c", None, "CONNECTION_LOST"),
        ("mqtt_refused", "c", "device", "BAD_CREDENTIALS"),
    ]
    assert "a-guess" not in str(host.audited)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (Disconnect(), "CLIENT_SUCCESS"),
        (Disconnect(reason=Reason.DISCONNECT_WITH_WILL), "CLIENT_DISCONNECT_WITH_WILL"),
        (Connack(), "PROTOCOL_ERROR"),
        (b"\x00", "MALFORMED_PACKET"),
    ],
)
async def test_the_audit_log_says_why_a_client_left(served: Served, sent: Packet | bytes, why: str) -> None:
    async with client(served.port, "c", version=Version.V5) as peer:
        peer.send(sent, b"\x00")
        assert await peer.ended()
    assert served.host.audited[-1][2]["reason"] == why


async def test_a_client_that_is_cut_off_has_left_at_once(served: Served) -> None:
    async with client(served.port, "c") as peer:
        (connection,) = served.endpoint._connections
        connection.abort()
        assert served.endpoint.connected == 0
        assert await peer.ended()


async def test_an_audit_log_that_fails_refuses_clients_and_the_endpoint_goes_on(
    host: RecordingHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def audit(kind: str, subject: str, **detail: object) -> None:
        raise HubError("the disk is full")

    async with serve(host, QUICK) as served:
        with monkeypatch.context() as patched:
            patched.setattr(host, "audit", audit)
            for secret in (b"secret", b"a guess"):
                assert await answer(served, introduction("device", secret)) is Reason.SERVER_UNAVAILABLE
        assert served.endpoint.connected == 0
        assert await answer(served, introduction("device", b"secret")) is Reason.SUCCESS
    assert "the disk is full" in caplog.text
