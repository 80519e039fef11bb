from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2
import pytest

from hearth_mqtt.bus import Received
from hearth_mqtt.testing import Served
from hearth_mqtt.triggers import MqttTrigger, Triggers
from hub import InvalidInput, TemplateError


def render(template: str, variables: Mapping[str, Any]) -> Any:
    try:
        return (
            jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
            .from_string(template)
            .render(variables)
        )
    except jinja2.TemplateError as error:
        raise TemplateError(str(error)) from None


def fits(spec: Mapping[str, Any], payload: bytes, *, retain: bool = False) -> dict[str, Any] | None:
    return MqttTrigger.parse({"topic": "a", **spec}).variables(Received("a", payload, retain, 1), render)


def test_a_message_gives_home_assistants_variables() -> None:
    assert fits({"platform": "mqtt", "id": "x"}, b'{"level": 3}') == {
        "platform": "mqtt",
        "topic": "a",
        "payload": '{"level": 3}',
        "payload_json": {"level": 3},
        "qos": 1,
        "description": "mqtt topic a",
    }


def test_what_is_no_json_has_no_payload_json() -> None:
    assert "payload_json" not in (fits({}, b"ON") or {})


@pytest.mark.parametrize(
    ("spec", "payload", "expected"),
    [
        ({"payload": "ON"}, b"ON", True),
        ({"payload": "ON"}, b"OFF", False),
        ({"payload": 1}, b"1", True),
        ({"payload": "press", "value_template": "{{ value_json.action }}"}, b'{"action": "press"}', True),
        ({"payload": "press", "value_template": "{{ value_json.action }}"}, b'{"action": "hold"}', False),
        ({"payload": "press", "value_template": "{{ value_json.action }}"}, b"no json", False),
        ({"payload": "5", "value_template": "{{ value | int + 2 }}"}, b"3", True),
        ({}, b"\xff", False),
        ({"encoding": ""}, b"\xff", True),
        ({"encoding": "latin-1", "payload": "é"}, b"\xe9", True),
    ],
)
def test_which_messages_fit(spec: Mapping[str, Any], payload: bytes, expected: bool) -> None:
    assert (fits(spec, payload) is not None) is expected


def test_what_was_retained_is_old_news() -> None:
    assert fits({}, b"ON", retain=True) is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "required key not provided"),
        ({"topic": "a/#/b"}, "expected a topic"),
        ({"topic": "a", "encoding": "klingon"}, "expected an encoding"),
        ({"topic": "a", "qos": 3}, "value must be one of"),
        ({"topic": "a", "playload": "ON"}, "extra keys|not a valid option"),
    ],
)
def test_names_what_is_wrong_with_a_trigger(spec: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        MqttTrigger.parse(spec)


async def test_triggers_outlive_the_bus(served: Served) -> None:
    triggers, fired = Triggers(), []
    unlisten = triggers.add(MqttTrigger.parse({"topic": "a/+"}), lambda variables: fired.append(variables["topic"]))
    await served.endpoint.publish("a/before", "1")
    triggers.attach(served.endpoint, render)
    await served.endpoint.publish("a/during", "1")
    triggers.detach()
    await served.endpoint.publish("a/between", "1")
    triggers.attach(served.endpoint, render)
    await served.endpoint.publish("a/again", "1")
    unlisten()
    await served.endpoint.publish("a/after", "1")
    assert fired == ["a/during", "a/again"]
