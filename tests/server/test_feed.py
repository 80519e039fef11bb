"""What ``subscribe_entities`` says of a change."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from hub.core.context import Context
from hub.core.state import State
from hub.server.websocket.feed import difference, encoded_change

_ATTRIBUTES = [{"friendly_name": "A lamp"}, {"friendly_name": "A lamp", "brightness": 3}, {}]
_CONTEXTS = [
    Context("adapter"),
    Context("adapter"),
    Context("user", user_id="u"),
    Context("user").child("automation.a"),
]
_TIMES = st.floats(min_value=0, max_value=4e9, allow_nan=False)

states = st.builds(
    State,
    st.just("light.a"),
    st.text(max_size=20).filter(lambda text: text.isprintable() or "\n" in text),
    st.sampled_from(_ATTRIBUTES),
    _TIMES,
    _TIMES,
    st.sampled_from(_CONTEXTS),
)


@given(old=states, new=states)
def test_the_short_way_says_what_the_long_way_says(old: State, new: State) -> None:
    told = orjson.loads(encoded_change("light.a", old, new))
    assert told == {"c": {"light.a": orjson.loads(orjson.dumps(difference(old, new)))}}


@given(new=states)
def test_what_appears_is_told_whole_and_what_goes_by_its_name(new: State) -> None:
    assert orjson.loads(encoded_change("light.a", None, new))["a"]["light.a"]["s"] == new.state
    assert orjson.loads(encoded_change("light.a", new, None)) == {"r": ["light.a"]}
