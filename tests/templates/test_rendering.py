from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.blueprints.stage import Stage
from hub.core.context import Context
from hub.core.events import Event
from hub.core.states import States
from hub.errors import TemplateError
from hub.templates import Templates, as_boolean, is_template
from hub.templates.limits import MAX_OUTPUT
from hub.templates.results import parse

Render = Callable[..., Any]


class Home(Protocol):
    templates: Templates
    states: States

    def set(self, entity_id: str, state: str, /, **attributes: Any) -> None: ...


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-1.5", -1.5),
        ("007", "007"),
        ("1e5", "1e5"),
        ("1_000", "1_000"),
        ("True", True),
        ("true", "true"),
        ("None", None),
        ("[1, 'a']", [1, "a"]),
        ("{'a': 1}", {"a": 1}),
        ("1, 2", (1, 2)),
        ("'quoted'", "'quoted'"),
        ("3+4j", "3+4j"),
        ("", ""),
        ("on", "on"),
        ("\\d", "\\d"),
        ("'\\d'", "'\\d'"),
        ("(" * 500, "(" * 500),
    ],
)
def test_rendered_text_becomes_the_value_that_it_is_the_text_of(text: str, value: object) -> None:
    assert parse(text) == value


@settings(deadline=None)
@given(st.text(alphabet="[](){}'\"\\,:0123456789.-+_eE \nNoneTrue", max_size=60))
def test_any_text_is_parsed_or_stays(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse(text)


def test_a_parsed_list_is_the_callers_own(render: Render) -> None:
    first = render("{{ [1] }}")
    first.append(2)
    assert render("{{ [1] }}") == [1]


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        (True, True),
        ("on", True),
        ("Enable", True),
        (1, True),
        ("0", False),
        (None, False),
        ("dunno", False),
        (0.0, False),
    ],
)
def test_values_mean_yes_or_no(value: object, yes: bool) -> None:
    assert as_boolean(value) is yes


def test_text_without_marks_is_no_template(home: Home) -> None:
    assert not is_template("plain {text}")
    assert home.templates.render_complex({"a": ["5", "{{ 5 }}"], "{{ 'k' }}": None}) == {"a": ["5", 5], "k": None}
    assert home.templates.render("5") == 5
    assert home.templates.render("{{ 5 }}", parse_result=False) == "5"


def test_states_and_events_in_variables_look_as_in_home_assistant(home: Home) -> None:
    state = home.states.get("light.desk")
    event = Event("pressed", {"button": 2, "new_state": state}, Context("test", user_id="u1"), 1_704_106_800.0)
    trigger = {"to_state": state, "event": event}
    template = (
        "{{ trigger.to_state.state }} {{ trigger.to_state.last_changed.year }} {{ trigger.event.event_type }} "
        "{{ trigger.event.data.button }} {{ trigger.event.data.new_state.name }} {{ trigger.event.time_fired.hour }} "
        "{{ trigger.event.context.user_id }}"
    )
    assert home.templates.render(template, {"trigger": trigger}) == "on 2024 pressed 2 Desk lamp 11 u1"


def test_what_a_template_looks_at_is_known(home: Home) -> None:
    info = home.templates.render_info(
        "{{ states('a.b') }} {{ states.light.desk.state }} {{ states.light | count }} {{ now().year }}"
    )

    assert info.entities == {"a.b", "light.desk"}
    assert info.listeners() == {"all": False, "entities": ["a.b", "light.desk"], "domains": ["light"], "time": True}
    assert info.depends_on("light.other")
    assert info.depends_on("a.b")
    assert not info.depends_on("sensor.x")
    assert home.templates.render_info("{{ states | list | length }}").all_states


def test_what_a_failed_template_looked_at_is_known_too(home: Home) -> None:
    info = home.templates.follow("{{ states('sensor.gone') | float }}")

    assert info.error is not None
    assert info.result is None
    assert info.entities == {"sensor.gone"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if %}", r"Expected a template, got Expected an expression.*in the template '\{% if %\}'"),
        ("{{ 5 | nofilter }}", "No filter named 'nofilter'"),
        ("line one\n{{ nothing.at.all }}", "'nothing' is undefined at line 2 of the template: {{ nothing.at.all }}"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ 'a' + 1 }}", "TypeError"),
        ("{{ [].append(1) }}", "unsafe"),
        ("{{ states.light.desk.attributes.update({}) }}", "unsafe"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% include 'x' %}", "no loader"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_with_its_place(home: Home, template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        home.templates.render(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' * 10**9 }}",
        "{{ [1] * 10**9 }}",
        "{{ 10 ** (10 ** 9) }}",
        "{{ 9 ** 9 ** 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a' | center(10**9) }}",
        "{{ 'a'.ljust(10**9) }}",
        "{{ (5).to_bytes(10**9, 'big') }}",
        "{{ 'a' | indent(10**9) }}",
        "{{ [1] | batch(10**9, 'x') | list }}",
        "{{ ('a' * 200000) | replace('a', 'b' * 200000) }}",
        "{{ ('a' * 200000).replace('a', 'b' * 200000) }}",
        "{{ ('a' * 200000) | regex_replace('a', 'b' * 200000) }}",
        "{{ (['a' * 200000] * 1000) | join }}",
        "{{ 'x'.join(['a' * 200000] * 1000) }}",
        "{{ ('a' * 200000).translate({97: 'b' * 200000}) }}",
        "{{ ('\t' * 200000).expandtabs(10000) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'twenty characters...' }}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% macro d(x) %}{{ x }}{{ x }}{% endmacro %}{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = d(n.x) %}{% endfor %}",
    ],
)
def test_a_small_template_cannot_ask_for_a_huge_result(home: Home, template: str) -> None:
    with pytest.raises(TemplateError, match="Expected"):
        home.templates.render(template)


def test_the_longest_output_is_allowed(home: Home) -> None:
    assert len(home.templates.render("{{ 'x' * n }}", {"n": MAX_OUTPUT}, parse_result=False)) == MAX_OUTPUT


def test_the_limited_environment_does_not_look_at_the_home(home: Home) -> None:
    templates = home.templates
    assert templates.render("{{ a + 1 }} {{ now().year }} {{ 'X' | slugify }}", {"a": 1}, limited=True) == "2 2024 x"
    for template in (
        "{{ states('a.b') }}",
        "{{ 'a.b' is has_value }}",
        "{{ area_id('x') }}",
        "{{ states.light.desk }}",
    ):
        with pytest.raises(TemplateError):
            templates.render(template, limited=True)


def test_check_compiles_only(home: Home) -> None:
    home.templates.check("{{ nothing.at.all }}")
    with pytest.raises(TemplateError):
        home.templates.check("{{ nothing.at.all")
    with pytest.raises(TemplateError, match="Expected a template of at most"):
        home.templates.check("x" * 300_000)


def test_loops_see_their_length_and_their_end(render: Render) -> None:
    assert render("{% for a in ['x', 'y'] %}{{ loop.length }}{{ loop.last }} {% endfor %}") == "2False 2True"
    nested = [{"n": 1, "c": [{"n": 2, "c": []}]}]
    assert render("{% for i in t recursive %}{{ i.n }}{{ loop(i.c) }}{% endfor %}", t=nested) == 12
    assert render("{% for i in range(6) if i is odd %}{{ i }}{% else %}none{% endfor %}") == 135


@pytest.mark.parametrize("template", ["{{ states._states }}", "{{ ''.__class__ }}", "{{ states.light._domain }}"])
def test_what_is_private_is_not_there(render: Render, template: str) -> None:
    assert render(template) == ""


@pytest.fixture(scope="module")
def empty() -> Templates:
    return Stage({}, {}, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)).templates


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="{}%# aeiou|.()[]'0123456789", max_size=80))
def test_any_text_renders_or_is_a_template_error(empty: Templates, text: str) -> None:
    problem = ""
    try:
        empty.render(text)
    except TemplateError as error:
        problem = str(error)
    assert not problem or problem.startswith("Expected")
