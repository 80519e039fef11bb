"""Every function against what Home Assistant answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub.errors import TemplateError

Render = Callable[..., Any]

STATES = [
    ("{{ states('light.desk') }}", "on"),
    ("{{ states('light.nowhere') }}", "unknown"),
    ("{{ 'light.desk' | states }}", "on"),
    ("{{ states('sensor.temperature', with_unit=True) }}", "21.57 °C"),
    ("{{ states.light.desk.state }}", "on"),
    ("{{ states['light.desk'].state }}", "on"),
    ("{{ states.light.nowhere is none }}", True),
    ("{{ states.light.desk.attributes.brightness }}", 128),
    ("{{ states.light.desk.name }} {{ states.light.wall.name }}", "Desk lamp wall"),
    ("{{ states.light.desk.entity_id }}", "light.desk"),
    ("{{ states.light.desk.domain }}.{{ states.light.desk.object_id }}", "light.desk"),
    ("{{ states.light.desk.last_changed }}", "2024-01-01 11:00:00+00:00"),
    ("{{ states.light.desk.last_updated_timestamp }}", 1704106800.0),
    ("{{ states.sensor.temperature.state_with_unit }}", "21.57 °C"),
    ("{{ states.light | list | length }} {{ states | list | length }} {{ states.light | count }}", "2 5 2"),
    ("{{ states.light | selectattr('state', 'eq', 'on') | map(attribute='entity_id') | list }}", ["light.desk"]),
    ("{% for s in states.light %}{{ s.entity_id }}{{ ',' if not loop.last }}{% endfor %}", "light.desk,light.wall"),
    ("{{ state_attr('light.desk', 'brightness') }}", 128),
    ("{{ state_attr('light.desk', 'nothing') }}", None),
    ("{{ 'light.desk' | state_attr('brightness') }}", 128),
    ("{{ is_state('light.desk', 'on') }} {{ is_state('light.desk', ['on', 'off']) }}", "True True"),
    ("{{ 'light.desk' is is_state('off') }}", False),
    ("{{ is_state_attr('light.desk', 'brightness', 128) }} {{ is_state_attr('light.desk', 'x', none) }}", "True False"),
    ("{{ has_value('sensor.gone') }} {{ 'light.desk' is has_value }} {{ 'x.y' | has_value }}", "False True False"),
    (
        "{{ expand('group.lamps', 'sensor.gone') | map(attribute='entity_id') | list }}",
        ["light.desk", "light.wall", "sensor.gone"],
    ),
    ("{{ expand(states.light) | length }} {{ expand(['light.desk', 'light.desk', 'a.b', 5]) | length }}", "2 1"),
]
NUMBERS = [
    ("{{ '5.5' | float }}", 5.5),
    ("{{ 'x' | float(0) }} {{ float('x', default=1) }}", "0 1"),
    ("{{ '7.9' | int }} {{ int('x', 3) }} {{ 'ff' | int(base=16) }}", "7 3 255"),
    ("{{ 'yes' | bool }} {{ bool('off') }} {{ 'x' | bool('dunno') }} {{ 0 | bool }}", "True False dunno False"),
    ("{{ '5' is is_number }} {{ is_number('x') }} {{ 'inf' | is_number }}", "True False False"),
    (
        "{{ 21.57 | round }} {{ 21.57 | round(1) }} {{ 21.52 | round(1, 'ceil') }} {{ 21.59 | round(1, 'floor') }}",
        "22 21.6 21.6 21.5",
    ),
    ("{{ 21.57 | round(1, 'half') }} {{ 'x' | round(1, default='n') }}", "21.5 n"),
    ("{{ min(3, 1, 2) }} {{ max([3, 1, 2]) }} {{ [1, 2] | min }}", "1 3 1"),
    ("{{ average(1, 2, 3) }} {{ [1, 2] | average }} {{ [] | average('none') }}", "2.0 1.5 none"),
    ("{{ median([1, 9, 2]) }} {{ [1, 1, 2] | statistical_mode }}", "2 1"),
    ("{{ '3' | add(1) }} {{ 3 | multiply(2) }} {{ 'x' | add(1, 0) }}", "4.0 6.0 0"),
    ("{{ clamp(15, 0, 10) }} {{ sqrt(9) }} {{ log(8, 2) }} {{ 0 | sin }}", "10.0 3.0 3.0 0.0"),
    ("{{ 6 | bitwise_and(3) }} {{ bitwise_or(6, 1) }} {{ 6 | bitwise_xor(3) }}", "2 7 5"),
    ("{{ pi | round(2) }} {{ 1 < inf }}", "3.14 True"),
]
COLLECTIONS = [
    ("{{ iif(true, 'a', 'b') }} {{ 0 | iif('a', 'b') }} {{ none | iif('a', 'b', 'c') }}", "a b c"),
    ("{{ ('{\"a\": [1, 2]}' | from_json).a }}", [1, 2]),
    ("{{ 'x' | from_json('bad') }}", "bad"),
    ("{{ {'b': 1, 'a': 'é'} | to_json(sort_keys=true) }}", {"a": "é", "b": 1}),
    ("{{ 'é😀' | to_json(ensure_ascii=true) }}", '"\\u00e9\\ud83d\\ude00"'),
    ("{{ typeof([]) }} {{ 5 | typeof }}", "list int"),
    ("{{ [1, 2] is contains(2) }} {{ [1, 2] | contains(3) }}", "True False"),
    ("{{ combine({'a': {'x': 1}}, {'a': {'y': 2}}, recursive=True) }}", {"a": {"x": 1, "y": 2}}),
    ("{{ {'a': 1} | combine({'a': 2}) }}", {"a": 2}),
    ("{{ [1, [2, [3]]] | flatten }} {{ [1, [2, [3]]] | flatten(1) }}", "[1, 2, 3] [1, 2, [3]]"),
    ("{{ zip([1, 2], ['a', 'b']) | list }}", [(1, "a"), (2, "b")]),
    ("{{ [1] is list }} {{ (1,) is tuple }} {{ set([1]) is set }} {{ 'x' is list }}", "True True True False"),
    (
        "{{ [1, 2] | union([2, 3]) | sort }} {{ [1, 2] | intersect([2]) }} {{ [1, 2] | difference([2]) }}",
        "[1, 2, 3] [2] [1]",
    ),
    ("{{ [1, 2] | symmetric_difference([2, 3]) | sort }}", [1, 3]),
    ("{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", 3),
    (
        "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i > 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
        "013",
    ),
    ("{{ dict(a=1) }}", {"a": 1}),
    ("{{ value.a | is_defined }}", 5),
]
TEXT = [
    ("{{ 'abc' | regex_match('b') }} {{ 'abc' | regex_match('A', true) }}", "False True"),
    ("{{ 'abc' | regex_search('b') }} {{ 'abc' is search('^c') }} {{ 'abc' is match('a') }}", "True False True"),
    ("{{ 'a1b22' | regex_replace('([0-9]+)', '<\\\\1>') }}", "a<1>b<22>"),
    ("{{ 'a1b22' | regex_findall('[0-9]+') }} {{ 'a1b22' | regex_findall_index('[0-9]+', 1) }}", "['1', '22'] 22"),
    ("{{ 'Küche – Licht' | slugify }} {{ slugify('a b', separator='-') }}", "kuche_licht a-b"),
    ("{{ 'hé' | base64_encode }} {{ 'aMOp' | base64_decode }}", "aMOp hé"),
    ("{{ 21 | ordinal }} {{ 12 | ordinal }} {{ 'a' | ord }}", "21st 12th 97"),
    ("{{ urlencode({'a': 'b c'}) }} {{ 'x' is string_like }}", "a=b+c True"),
]
TIMES = [
    ("{{ now() }}", "2024-01-01 12:00:00+01:00"),
    ("{{ utcnow() }}", "2024-01-01 11:00:00+00:00"),
    ("{{ today_at('07:30') }} {{ today_at() }}", "2024-01-01 07:30:00+01:00 2024-01-01 00:00:00+01:00"),
    ("{{ as_timestamp(now()) }} {{ '2024-01-01 12:00' | as_timestamp }}", "1704106800.0 1704106800.0"),
    ("{{ as_timestamp('nonsense', 5) }}", 5),
    (
        "{{ as_datetime('2024-01-01T11:00:00Z') }} {{ 1704106800 | as_datetime }}",
        "2024-01-01 11:00:00+00:00 2024-01-01 11:00:00+00:00",
    ),
    ("{{ as_datetime('nonsense') }} {{ as_datetime('nonsense', 'no') }}", "None no"),
    ("{{ (1704106800 | as_datetime | as_local).hour }}", 12),
    ("{{ (now() - timedelta(days=1)).day }}", 31),
    ("{{ now() - as_datetime('2024-01-01T10:00:00+00:00') }}", "1:00:00"),
    (
        "{{ as_timedelta('PT1H30M') }} {{ as_timedelta('1 02:03:04') }} {{ as_timedelta('x') }}",
        "1:30:00 1 day, 2:03:04 None",
    ),
    ("{{ strptime('05.06.2024', '%d.%m.%Y').month }} {{ strptime('x', '%Y', 0) }}", "6 0"),
    ("{{ 1704106800 | timestamp_custom('%H:%M') }} {{ 1704106800 | timestamp_custom('%H:%M', false) }}", "12:00 11:00"),
    (
        "{{ 1704106800 | timestamp_local }} {{ 1704106800 | timestamp_utc }}",
        "2024-01-01T12:00:00+01:00 2024-01-01T11:00:00+00:00",
    ),
    ("{{ relative_time(now() - timedelta(hours=25)) }}", "1 day"),
    ("{{ time_since(now() - timedelta(hours=25, minutes=10), 2) }}", "1 day 1 hour"),
    ("{{ time_until(now() + timedelta(minutes=5)) }}", "5 minutes"),
    ("{{ now() is datetime }} {{ 5 is datetime }}", "True False"),
]
PLACES = [
    ("{{ areas() }} {{ floors() }}", "['living_room', 'cellar'] ['upstairs']"),
    (
        "{{ area_id('Living room') }} {{ area_id('lounge') }} {{ area_id('light.desk') }}",
        "living_room living_room living_room",
    ),
    (
        "{{ area_name('living_room') }} {{ 'light.wall' | area_name }} {{ area_name('x') }}",
        "Living room Living room None",
    ),
    ("{{ area_entities('Living room') }} {{ area_entities('nowhere') }}", "['light.desk', 'light.wall'] []"),
    ("{{ area_devices('living_room') == [device_id('light.desk')] }}", True),
    ("{{ floor_id('light.desk') }} {{ floor_name('living_room') }} {{ floor_id('cellar') }}", "upstairs Upstairs None"),
    ("{{ floor_areas('Upstairs') }} {{ floor_entities('upstairs') }}", "['living_room'] ['light.desk', 'light.wall']"),
    ("{{ labels() }} {{ labels('light.wall') }} {{ labels('light.desk') }}", "['night'] ['night'] []"),
    ("{{ label_id('Night') }} {{ label_name('night') }} {{ label_description('night') }}", "night Night Used at night"),
    ("{{ label_entities('Night') }} {{ label_areas('night') }}", "['light.wall'] ['living_room']"),
    ("{{ label_devices('night') | length }}", 1),
    ("{{ device_name('light.desk') }} {{ device_attr('light.desk', 'model') }}", "Desk lamp L1"),
    ("{{ device_attr('light.desk', '__class__') }}", None),
    ("{{ device_entities(device_id('Desk lamp')) }}", ["light.desk"]),
    ("{{ is_device_attr('light.desk', 'model', 'L1') }} {{ 'sensor.hidden' is is_hidden_entity }}", "True True"),
    ("{{ integration_entities('toy') | length }}", 3),
]


@pytest.mark.parametrize(("template", "expected"), STATES + NUMBERS + COLLECTIONS + TEXT + TIMES + PLACES)
def test_functions_answer_as_in_home_assistant(render: Render, template: str, expected: object) -> None:
    assert render(template, value={"a": 5}) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' | float }}",
        "{{ 'x' | int }}",
        "{{ 'x' | bool }}",
        "{{ 'x' | round }}",
        "{{ [] | average }}",
        "{{ 'x' | from_json }}",
        "{{ as_timestamp('x') }}",
        "{{ 'x' | timestamp_custom('%H') }}",
        "{{ strptime('x', '%Y') }}",
        "{{ 'x' | sqrt }}",
        "{{ log(0) }}",
    ],
)
def test_what_cannot_be_read_asks_for_a_default(render: Render, template: str) -> None:
    with pytest.raises(TemplateError, match="give it a default"):
        render(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ value.b | is_defined }}", "has no attribute 'b'"),
        ("{{ 'a' | regex_match('(') }}", r"Expected a regular expression, got '\('"),
        ("{{ states['not a domain'] }}", "Expected an entity domain"),
        ("{{ combine(1) }}", "expected mappings"),
        ("{{ flatten('x') }}", "expected a list"),
    ],
)
def test_what_is_wrong_is_said(render: Render, template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        render(template, value={"a": 5})
