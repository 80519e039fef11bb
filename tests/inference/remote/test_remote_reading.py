"""What can be tested of remote answers without a server: events, and decisions from tokens."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ModelUnavailable
from hub.inference.remote.events import EventReader
from hub.inference.remote.names import ToolNames
from hub.inference.remote.ranking import OptionWalk

_LINES = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1, max_size=12).map(str.strip)


@settings(deadline=None)
@given(
    events=st.lists(_LINES.filter(bool), max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    cuts=st.lists(st.integers(min_value=0), max_size=12),
)
def test_events_are_the_same_wherever_the_stream_is_cut(events: list[str], end: str, cuts: list[int]) -> None:
    stream = "".join(f": ping{end}id: 7{end}data: {event}{end}{end}" for event in events).encode()
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    reader = EventReader()
    found = [data for start, stop in pairwise(places) for data in reader.feed(stream[start:stop])]
    assert [data.decode() for data in found] == events


def test_an_event_of_several_lines_is_one() -> None:
    assert list(EventReader().feed(b"data: a\ndata:b\nevent: x\n\n\n")) == [b"a\nb"]


@pytest.mark.parametrize("part", [b"x" * 1024, b"data: x\n" * 128])
def test_an_event_without_end_is_refused(part: bytes) -> None:
    def flood() -> None:
        reader = EventReader()
        while True:
            list(reader.feed(part))

    with pytest.raises(ModelUnavailable, match="Expected events of at most"):
        flood()


class Model:
    """Knows what may follow what."""

    def __init__(self, following: dict[str, dict[str, float]]) -> None:
        self.following = following
        self.looks: list[str] = []

    async def __call__(self, begun: str) -> Sequence[tuple[str, float]]:
        self.looks.append(begun)
        return list(self.following.get(begun, {}).items())


async def test_an_option_that_begins_another_gets_what_does_not_go_on() -> None:
    model = Model({"": {"light": 0.9, "no": 0.1}, "light": {" on": 0.3, ".": 0.7}})
    ranking = await OptionWalk(("light", "light on"), model).rank()
    assert ranking is not None
    assert {option.text: round(option.unmasked, 6) for option in ranking.options} == {"light": 0.63, "light on": 0.27}
    assert ranking.outside == pytest.approx(0.1)


async def test_only_where_options_part_the_model_is_asked() -> None:
    model = Model(
        {"": {"kitchen": 0.5, "hall": 0.5}, "kitchen": {" light": 1.0}, "kitchen light": {" on": 0.25, " off": 0.75}}
    )
    ranking = await OptionWalk(("kitchen light on", "kitchen light off", "hall light"), model).rank()
    assert ranking is not None
    assert model.looks == ["", "kitchen", "kitchen light"]
    assert [(option.text, option.probability) for option in ranking.options] == [
        ("hall light", 0.5),
        ("kitchen light off", 0.375),
        ("kitchen light on", 0.125),
    ]


@settings(deadline=None)
@given(
    options=st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=6, unique=True),
    following=st.dictionaries(
        st.text("ab", max_size=4),
        st.dictionaries(st.text("abc", max_size=2), st.floats(0, 0.2), max_size=5),
        max_size=20,
    ),
)
def test_probabilities_add_up(options: list[str], following: dict[str, dict[str, float]]) -> None:
    model = Model(following)
    ranking = asyncio.run(OptionWalk(options, model).rank())
    assert len(model.looks) <= 64
    if ranking is not None:
        assert sorted(option.text for option in ranking.options) == sorted(options)
        assert sum(option.probability for option in ranking.options) == pytest.approx(1)
        assert -1e-9 <= ranking.outside <= 1
        assert sum(option.unmasked for option in ranking.options) + ranking.outside == pytest.approx(1)


@settings(deadline=None)
@given(
    names=st.lists(
        st.text(min_size=1, max_size=80) | st.sampled_from(["light.on", "light_on", "light/on", "light_on_2"]),
        unique=True,
    )
)
def test_every_tools_name_can_be_said_and_understood(names: list[str]) -> None:
    said = ToolNames(names)
    spoken = [said.say(name) for name in names]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in spoken)
    assert [said.mean(name) for name in spoken] == names
    assert all(said.say(name) == name for name in names if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name))
