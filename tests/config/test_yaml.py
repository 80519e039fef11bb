from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.config import yaml_builder
from hub.config.marks import MarkedDict, MarkedList
from hub.config.yaml import MAX_BYTES, Input, Secret, dump, load_file, load_text, locate, unmarked, where
from hub.errors import ConfigError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def plain(value: Any) -> Any:
    return unmarked(value)


def test_every_key_and_item_knows_its_file_and_line() -> None:
    value = load_text("a: 1\nb:\n  - x\n  - y: 2\n    z: [3,\n       4]\n", "home.yaml")

    assert value == {"a": 1, "b": ["x", {"y": 2, "z": [3, 4]}]}
    assert where(value, "b") == ("home.yaml", 2)
    assert locate(value, ["b", 0]) == ("home.yaml", 3)
    assert locate(value, ["b", 1, "z"]) == ("home.yaml", 5)
    assert locate(value, ["b", 1, "z", 1]) == ("home.yaml", 6)
    assert locate(value, ["b", 1, "missing", "deeper"]) == ("home.yaml", 4)


def test_words_mean_what_yaml_1_1_says() -> None:
    assert load_text("[on, off, yes, no, true, ~, 0x1f, 1_000, '12', 12:30:00]") == [
        True, False, True, False, True, None, 31, 1000, "12", 45_000,
    ]  # fmt: skip


def test_a_blueprints_inputs_are_kept_as_places() -> None:
    value = load_text("entity_id: !input motion\n", "b.yaml")

    assert value["entity_id"] == Input("motion", "b.yaml", 1)
    assert unmarked(value) == {"entity_id": "!input motion"}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\n  b: 2\n", "mapping values are not allowed", 2),
        ("a:\n\t- x\n", "indent with spaces", 2),
        ("a: 'open\nb: 1\n", "close the quotes", 1),
        ("a: {b: 1\nc: 2", "did not find expected ',' or '}'", 2),
        ("a: !env_var X\n", "Expected one of the tags !input, got !env_var", 1),
        ("a: !!python/object:os.system {}\n", "Expected one of the tags", 1),
        ("a: &x [*x]\n", "outside what it stands for", 1),
        ("\n\na: *nowhere\n", "defined above with '&nowhere'", 3),
        ("a: 2024-13-45\n", "Expected a valid timestamp, got '2024-13-45': put it in quotes", 1),
        ("- a\n---\n- b\n", "Expected one document", 2),
        ("? [a]\n: 1\n", "Expected text as a key", 1),
        ("<<: 5\n", "Expected a mapping, or a list of them, after '<<:'", 1),
        ("a: \x01\n", "Expected text, got the character #x0001", 1),
        ("a: 1\nb: \ud800\n", "Expected text, got the character #xd800", 2),
        ("a: " + "[" * 200, "at most 100 levels", 1),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(text, "broken.yaml")
    assert message in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("broken.yaml", line)


def test_aliases_that_would_grow_without_end_are_refused_before_they_do() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    bomb += "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30))

    with pytest.raises(ConfigError, match=r"Expected at most 200000 values.*\(text:6\)"):
        load_text(bomb)


def test_aliases_and_merged_mappings_mean_what_they_stand_for() -> None:
    value = load_text("base: &base {a: 1, b: 2}\nuse:\n  <<: *base\n  b: 3\nmany:\n  <<: [{c: 4}, *base]\n")

    assert value["use"] == {"b": 3, "a": 1}
    assert value["many"] == {"c": 4, "a": 1, "b": 2}


def test_of_a_key_written_twice_the_last_counts_and_a_warning_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert load_text("a: 1\nb: 2\na: 3\n", "twice.yaml") == {"a": 3, "b": 2}
    assert "got 'a' again, first in line 1: the last one counts (twice.yaml:3)" in caplog.text


def test_secrets_are_read_by_name_and_shown_by_name_only(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("token: hunter2\nport: 1883\n")
    (tmp_path / "hearth.yaml").write_text("a: !secret token\nb: !secret port\n")

    value = load_file(tmp_path / "hearth.yaml")

    assert value == {"a": "hunter2", "b": 1883}
    assert isinstance(value["a"], Secret)
    assert "hunter2" not in repr(value)
    assert dump(value) == "a: !secret 'token'\nb: 1883\n"
    assert unmarked(value)["a"] == "!secret token"


def test_a_secret_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "hearth.yaml").write_text("\na: !secret nowhere\n")

    with pytest.raises(ConfigError, match=r"Expected the secret 'nowhere' in secrets.yaml.*\(hearth.yaml:2\)"):
        load_file(tmp_path / "hearth.yaml")


def test_included_files_keep_their_own_places(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "hearth.yaml").write_text("a: 1\npart: !include parts/one.yaml\n")
    (tmp_path / "parts" / "one.yaml").write_text("\nx: 1\ny: [2]\n")

    value = load_file(tmp_path / "hearth.yaml")

    assert value == {"a": 1, "part": {"x": 1, "y": [2]}}
    assert locate(value, ["part", "y"]) == ("parts/one.yaml", 3)


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/hostname", "link.yaml", "sub/../../outside.yaml"])
def test_nothing_outside_the_folder_is_included(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.yaml").write_text("secret: 1\n")
    root = tmp_path / "config"
    (root / "sub").mkdir(parents=True)
    (root / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "hearth.yaml").write_text(f"a: !include {name}\n")

    with pytest.raises(ConfigError, match=r"inside the configuration folder.*\(hearth.yaml:1\)"):
        load_file(root / "hearth.yaml")


def test_files_that_include_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: !include b.yaml\n")
    (tmp_path / "b.yaml").write_text("x: !include a.yaml\n")

    with pytest.raises(ConfigError, match=r"do not include each other, got a.yaml > b.yaml > a.yaml \(b.yaml:1\)"):
        load_file(tmp_path / "a.yaml")


def test_what_is_included_counts_towards_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_builder.Budget.__init__, "__defaults__", (100,))
    (tmp_path / "a.yaml").write_text("".join(f"x{i}: !include b.yaml\n" for i in range(10)))
    (tmp_path / "b.yaml").write_text("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n")

    with pytest.raises(ConfigError, match="values, aliases and included files counted"):
        load_file(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: \xff\n", r"Expected UTF-8, got the byte 0xff: save it as UTF-8 \(hearth.yaml:2\)"),
        (b"#" * (MAX_BYTES + 1), rf"Expected at most {MAX_BYTES} bytes"),
    ],
)
def test_files_that_are_no_text_or_too_long_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "hearth.yaml").write_bytes(content)

    with pytest.raises(ConfigError, match=message):
        load_file(tmp_path / "hearth.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Expected a file that can be read: No such file.*\(hearth.yaml\)"):
        load_file(tmp_path / "hearth.yaml")


def test_an_empty_file_holds_nothing() -> None:
    assert load_text("") is None
    assert load_text("# only a remark\n") is None


def test_several_lines_of_text_are_written_as_such() -> None:
    assert dump({"on": "off", "text": "one\ntwo\n"}) == "'on': 'off'\ntext: |\n  one\n  two\n"


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert plain(load_text(dump(value))) == value


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!<>|'\"#, \n\t0123456789~", max_size=200))
def test_any_text_is_a_value_or_a_config_error_with_a_line(text: str) -> None:
    problem = None
    try:
        load_text(text, "any.yaml")
    except ConfigError as error:
        problem = error
    if problem is not None:
        assert problem.file == "any.yaml"
        assert problem.line is None or problem.line >= 1


def test_marked_values_survive_voluptuous_and_copies() -> None:
    assert MarkedDict({"a": 1}) == {"a": 1}
    assert MarkedDict() == {}
    assert MarkedList([1]) == [1]
