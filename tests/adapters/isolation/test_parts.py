"""Frames, values, limits and the heartbeat, without a process."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.adapters.host import Host
from hub.adapters.interfaces import AdapterHost, DeviceDescription, EntityDescription, FoundService
from hub.adapters.isolation import Limits, failures, values
from hub.adapters.isolation.frames import MAX_FRAME, Cutter, encode, receive
from hub.adapters.isolation.heartbeat import Heartbeat
from hub.adapters.isolation.offer import Offer
from hub.adapters.isolation.proxy import _ADDED, HostProxy
from hub.core.actions import ActionDescription, ResponseMode
from hub.core.clock import SimulatedClock
from hub.core.fields import Field
from hub.errors import (
    ActionTimeout,
    AdapterError,
    ConnectionLost,
    DeviceRefused,
    HubError,
    InvalidInput,
    NotFound,
    ProcessFailed,
    Refused,
    TemplateError,
)
from hub.testing import RecordingHost

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
).filter(lambda value: "\ud800" not in repr(value))
SAID = st.tuples(
    st.text(max_size=20), st.dictionaries(st.text(), JSON, max_size=4), st.integers(0, 2**31), st.binary(max_size=300)
)


@given(said=st.lists(SAID, max_size=5), cuts=st.lists(st.integers(1, 50), min_size=1))
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    said: list[tuple[str, Mapping[str, Any], int, bytes]], cuts: list[int]
) -> None:
    data = b"".join(encode(kind, what, number=number, content=content) for kind, what, number, content in said)
    cutter, frames, place = Cutter(), [], 0
    for turn in range(len(data)):
        size = cuts[turn % len(cuts)]
        frames += list(cutter.feed(data[place : place + size]))
        place += size
        if place >= len(data):
            break
    assert [(frame.kind, frame.values, frame.number, frame.content) for frame in frames] == said


@given(st.binary(min_size=1, max_size=200))
def test_garbage_is_refused_or_waited_for_but_nothing_else(data: bytes) -> None:
    cutter = Cutter()
    try:
        for frame in cutter.feed(data):
            assert isinstance(frame.kind, str)
    except ProcessFailed:
        pass


def test_a_blocking_reader_meets_the_end_in_the_middle_of_a_frame() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(encode("whole", {"a": 1}) + encode("half", {"b": 2})[:-3])
        ours.close()
        assert receive(theirs).values == {"a": 1}  # type: ignore[union-attr]
        assert receive(theirs) is None


def test_what_is_no_plain_value_or_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Expected plain values"):
        encode("report", {"thing": object()})
    with pytest.raises(InvalidInput, match="Expected plain values"):
        encode("report", {"number": 2**70})
    with pytest.raises(InvalidInput, match="at most"):
        encode("picture", content=bytes(MAX_FRAME + 1))
    assert encode("report", {"set": {1}, "pair": (1, 2), 3: "three"})


@pytest.mark.parametrize(
    "error",
    [
        ConnectionLost("gone"),
        DeviceRefused("no"),
        ActionTimeout("late"),
        AdapterError("broken"),
        NotFound("where?"),
        Refused("may not"),
        TemplateError("bad template"),
        InvalidInput("wrong", path=("host", 1)),
        HubError("something"),
    ],
)
def test_errors_keep_their_words_and_most_their_kind(error: HubError) -> None:
    read = failures.read(failures.written(error))
    assert str(read) == str(error)
    if isinstance(error, InvalidInput):
        assert isinstance(read, InvalidInput)
        assert read.path == error.path
    elif type(error) is not HubError:
        assert type(read) is type(error)


def test_a_subclass_of_an_integrations_own_is_known_by_its_base() -> None:
    class BrokerRefused(ConnectionLost):
        pass

    assert type(failures.read(failures.written(BrokerRefused("no")))) is ConnectionLost


def test_of_several_failures_a_defect_is_named_first() -> None:
    lost, defect = ConnectionLost("gone"), ValueError("oops")
    group = ExceptionGroup("", [lost, ExceptionGroup("", [defect])])
    assert failures.leaf(group) is defect
    assert failures.leaf(ExceptionGroup("", [lost])) is lost
    assert failures.leaf(lost) is lost


def crossed(value: object) -> Any:
    """Return what is left of a value on the other side."""
    return next(Cutter().feed(encode("test", value))).values


def test_descriptions_and_offers_cross_unchanged() -> None:
    device = DeviceDescription(identifiers=("a", "b"), connections=(("mac", "x"),), name="D", via="hub")
    entity = EntityDescription(domain="light", unique_id="u", device=device, attributes={"modes": ["a"]}, features=3)
    assert values.remade(EntityDescription, crossed(entity)) == entity
    field = Field(name="n", selector={"text": {}}, attributes={"m": ("a", "b")}, default=None, features=4)
    action = ActionDescription(
        domain="d",
        name="a",
        fields=(field, Field(name="o", selector={"text": {}})),
        response=ResponseMode.ONLY,
        exclusive=(("n", "o"),),
        at_least_one=("n",),
        sensitive_classes=frozenset({"garage"}),
    )
    offer = Offer(actions=(action,), form=(field,), probes=True, recognises=False, abilities=("picture",))
    assert Offer.read(crossed(offer.written())) == offer
    service = FoundService(type="t", name="n", host="h", addresses=("a",), port=1)
    assert values.remade(FoundService, crossed(service)) == service
    with pytest.raises(KeyError):
        values.remade(FoundService, {"colour": "red"})
    assert len(_ADDED) == 3


def test_another_version_of_the_hub_in_the_process_is_named_with_the_remedy() -> None:
    with pytest.raises(ProcessFailed, match="install the hub's own version of hearth-hub"):
        Offer.read({"protocol": 99})


@pytest.mark.parametrize(
    ("wish", "default", "expected"),
    [
        (None, True, Limits()),
        (None, False, None),
        (True, False, Limits()),
        (False, True, None),
        ({}, False, Limits()),
        ({"memory_mb": 64, "patience": 3}, False, Limits(memory_mb=64, patience=3.0)),
    ],
)
def test_the_entry_goes_before_the_manifest(wish: Any, default: bool, expected: Limits | None) -> None:
    assert Limits.chosen(wish, default=default) == expected


@pytest.mark.parametrize(
    "wish", ["yes", 1, {"memory_mb": 1}, {"colour": "red"}, {"python": "/nowhere/python"}, {"niceness": -5}]
)
def test_wrong_limits_are_refused(wish: Any) -> None:
    with pytest.raises(InvalidInput, match="in 'isolated'"):
        Limits.chosen(wish, default=False)


@pytest.mark.parametrize("host", [Host, HostProxy, RecordingHost])
def test_every_host_offers_what_the_interface_says(host: type[object]) -> None:
    for name, method in inspect.getmembers(AdapterHost, inspect.isfunction):
        if not name.startswith("_"):
            parameters = str(inspect.signature(method).parameters)
            assert str(inspect.signature(getattr(host, name)).parameters) == parameters, name


class Patient:
    """What a heartbeat does, at a time that stands still."""

    def __init__(self, limits: Limits) -> None:
        self.clock = SimulatedClock()
        self.pings = 0
        self.reason: str | None = None
        self.heart = Heartbeat(limits, self.clock, ping=self._ping, fail=self._fail)
        self.heart.start()

    def _ping(self) -> None:
        self.pings += 1

    def _fail(self, reason: ProcessFailed) -> None:
        self.reason = self.reason or str(reason)
        self.heart.stop()


async def test_silence_beyond_its_patience_ends_a_process() -> None:
    patient = Patient(Limits(patience=8))
    patient.heart.up()
    await patient.clock.advance(8)
    assert (patient.pings, patient.reason) == (4, None)
    await patient.clock.advance(2.1)
    assert patient.reason == "It did not answer for 8 s (blocked or in a loop) and was ended"


async def test_a_start_may_take_three_times_as_long() -> None:
    patient = Patient(Limits(patience=8))
    await patient.clock.advance(24)
    assert patient.reason is None
    await patient.clock.advance(2.1)
    assert patient.reason is not None


async def test_a_process_that_answers_lives_and_one_that_grows_does_not() -> None:
    patient = Patient(Limits(patience=8, memory_mb=100))
    for _ in range(50):
        await patient.clock.advance(2)
        patient.heart.pong(100.0, 1.0)
    assert patient.reason is None
    patient.heart.pong(101.0, 1.0)
    assert patient.reason == "It used 101 MB of memory, of the 100 MB it may use, and was ended"


async def test_the_processor_counts_on_average_over_a_minute() -> None:
    patient = Patient(Limits(cpu_percent=50))
    used = 0.0
    for second in range(0, 240, 2):
        await patient.clock.advance(2)
        used += 2.0 if second % 60 < 20 else 0.2  # bursts of twenty seconds
        patient.heart.pong(10.0, used)
    assert patient.reason is None
    for _ in range(62):
        await patient.clock.advance(2)
        used += 1.2
        patient.heart.pong(10.0, used)
    assert patient.reason == "It used 60 % of a processor for a minute, of the 50 % it may use, and was ended"
