from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_mqtt.topics import TopicTree, check_filter, check_topic, matches
from hub import InvalidInput

levels = st.sampled_from(["", "a", "b", "$s", "+"])
filters = st.lists(levels, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from(["/".join(parts), "/".join([*parts, "#"]), "#"])
)
topics = st.lists(st.sampled_from(["", "a", "b", "$s"]), min_size=1, max_size=4).map("/".join).filter(bool)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "ab", False),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "a/b", True),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("a/$b/+", "a/$b/c", True),
    ],
)
def test_matches_as_the_standard_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@given(st.lists(filters.filter(bool), max_size=12), topics)
def test_the_tree_finds_what_matching_one_by_one_finds(topic_filters: list[str], topic: str) -> None:
    tree: TopicTree[int, str] = TopicTree()
    for key, topic_filter in enumerate(topic_filters):
        assert tree.put(topic_filter, key, topic_filter)
    expected = [(key, each) for key, each in enumerate(topic_filters) if matches(each, topic)]
    assert sorted(tree.match(topic)) == expected
    for key, topic_filter in enumerate(topic_filters):
        assert tree.discard(topic_filter, key)
        assert not tree.discard(topic_filter, key)
    assert not tree


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0b", "/" * 200])
def test_refuses_to_publish_to(topic: str) -> None:
    with pytest.raises(InvalidInput, match="Expected a topic"):
        check_topic(topic)


@pytest.mark.parametrize("topic_filter", ["", "a+", "a/#/b", "#a", "a/b#", "a\0b", "+/" * 200])
def test_refuses_to_subscribe_to(topic_filter: str) -> None:
    with pytest.raises(InvalidInput, match="Expected a topic filter"):
        check_filter(topic_filter)
