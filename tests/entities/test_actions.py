from __future__ import annotations

from typing import Any

import pytest
import voluptuous as vol

from hub.core.fields import selector_validator
from hub.entities import DOMAINS, action_table, check_limits, choices_of, is_generic, range_of, translate
from hub.errors import InvalidInput

GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("switch.turn_on", {}, {}),
    ("light.turn_on", {"brightness_pct": "50"}, {"brightness_pct": 50.0}),
    ("light.turn_on", {"brightness": 300}, {"brightness": 255}),
    ("light.turn_on", {"color_name": "Dark Sea Green"}, {"color_name": "darkseagreen"}),
    ("light.turn_on", {"rgb_color": [255, 0, 10.0]}, {"rgb_color": (255, 0, 10)}),
    ("light.turn_on", {"xy_color": [0.3, 0.4], "transition": 2}, {"xy_color": (0.3, 0.4), "transition": 2.0}),
    ("light.turn_on", {"white": True}, {"white": True}),
    ("light.turn_off", {"transition": 9000}, {"transition": 6553.0}),
    ("cover.set_cover_position", {"position": 40}, {"position": 40}),
    ("climate.set_temperature", {"temperature": 21.5}, {"temperature": 21.5}),
    ("climate.set_hvac_mode", {"hvac_mode": "heat"}, {"hvac_mode": "heat"}),
    ("lock.unlock", {"code": 1234}, {"code": "1234"}),
    ("fan.oscillate", {"oscillating": "on"}, {"oscillating": True}),
    ("number.set_value", {"value": "42"}, {"value": 42.0}),
    ("select.select_next", {}, {"cycle": True}),
    ("text.set_value", {"value": "Hello"}, {"value": "Hello"}),
    ("media_player.volume_set", {"volume_level": 0.3}, {"volume_level": 0.3}),
    ("automation.trigger", {}, {"skip_condition": True}),
    ("siren.turn_on", {"duration": "15", "volume_level": 1}, {"duration": 15.0, "volume_level": 1}),
    ("todo.get_items", {}, {"status": ["needs_action"]}),
    ("todo.get_items", {"status": "completed"}, {"status": ["completed"]}),
    ("todo.add_item", {"item": "milk", "due_date": "2026-01-31"}, {"item": "milk", "due_date": "2026-01-31"}),
    ("todo.update_item", {"item": "milk", "due_date": None}, {"item": "milk", "due_date": None}),
    ("todo.remove_item", {"item": "milk"}, {"item": ["milk"]}),
    ("timer.start", {"duration": "00:01:00"}, {"duration": "00:01:00"}),
    ("timer.change", {"duration": "-00:01:00"}, {"duration": "-00:01:00"}),
    ("weather.get_forecasts", {"type": "hourly"}, {"type": "hourly"}),
    ("input_datetime.set_datetime", {"time": "7:30"}, {"time": "07:30:00"}),
    ("input_datetime.set_datetime", {"datetime": "2026-01-31 07:30"}, {"datetime": "2026-01-31T07:30:00"}),
    ("date.set_value", {"date": "2026-01-31"}, {"date": "2026-01-31"}),
    ("alarm_control_panel.alarm_disarm", {"code": 1234}, {"code": "1234"}),
    (
        "persistent_notification.create",
        {"message": "wet", "notification_id": 7},
        {"message": "wet", "notification_id": "7"},
    ),
]

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("switch.turn_on", {"brightness": 3}, "extra keys not allowed"),
    ("light.turn_on", {"brightness": "bright"}, "expected a number, got 'bright'"),
    ("light.turn_on", {"brightness_pct": 120}, "expected a number from 0 to 100, got 120"),
    ("light.turn_on", {"color_name": "octarine"}, "expected the name of a colour"),
    ("light.turn_on", {"rgb_color": [1, 2]}, "expected 3 numbers, got"),
    ("light.turn_on", {"hs_color": [400, 1]}, "expected a number from 0 to 360, got 400"),
    ("light.turn_on", {"brightness": 1, "brightness_pct": 1}, "Expected only one of brightness, brightness_pct"),
    ("light.turn_on", {"xy_color": [0, 1], "rgb_color": [1, 2, 3]}, "Expected only one of rgb_color, xy_color"),
    ("light.turn_on", {"flash": "forever"}, "expected one of long, short, got 'forever'"),
    ("cover.set_cover_position", {}, "required key not provided"),
    ("cover.set_cover_position", {"position": 101}, "expected a number from 0 to 100, got 101"),
    ("climate.set_temperature", {}, "Expected one of temperature, target_temp_high, target_temp_low"),
    ("climate.set_hvac_mode", {"hvac_mode": "warm"}, "expected one of off, auto"),
    ("fan.set_direction", {"direction": "up"}, "expected one of forward, reverse, got 'up'"),
    ("number.set_value", {"value": float("nan")}, "expected a number"),
    ("text.set_value", {"value": ["a"]}, "expected text, got list"),
    (
        "todo.add_item",
        {"item": "a", "due_date": "2026-01-31", "due_datetime": "2026-01-31 12:00"},
        "Expected only one of",
    ),
    ("todo.update_item", {"item": "a"}, "Expected one of rename, status, due_date"),
    ("timer.start", {"duration": "soon"}, "expected a duration"),
    ("timer.start", {"duration": -5}, "expected a duration of zero or more"),
    ("input_datetime.set_datetime", {}, "Expected one of date, time, datetime, timestamp"),
    ("input_datetime.set_datetime", {"date": "2026-01-31", "timestamp": 3}, "Expected only one of date, timestamp"),
    ("date.set_value", {"date": "31.1.2026"}, "expected a date such as 2026-01-31"),
    ("datetime.set_value", {"datetime": "noon"}, "expected a date and time such as"),
]


@pytest.mark.parametrize(("name", "data", "canonical"), GOOD)
def test_action_data_is_brought_into_its_canonical_form(
    name: str, data: dict[str, Any], canonical: dict[str, Any]
) -> None:
    assert action_table().get(name).validate(data) == canonical


@pytest.mark.parametrize(("name", "data", "message"), BAD)
def test_bad_action_data_is_refused_with_what_was_expected(name: str, data: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        action_table().get(name).validate(data)


def test_only_what_lets_somebody_in_is_sensitive() -> None:
    assert {action.full_name for action in action_table() if action.sensitive} == {
        "alarm_control_panel.alarm_disarm",
        "lock.open",
        "lock.unlock",
    }


@pytest.mark.parametrize(
    ("action", "device_class", "sensitive"),
    [
        ("cover.open_cover", "garage", True),
        ("cover.set_cover_position", "gate", True),
        ("cover.toggle", "door", True),
        ("cover.open_cover", "curtain", False),
        ("cover.open_cover", None, False),
        ("cover.close_cover", "garage", False),
        ("valve.open_valve", "gas", True),
        ("valve.open_valve", "water", False),
        ("lock.unlock", None, True),
    ],
)
def test_what_opens_an_entrance_is_sensitive(action: str, device_class: str | None, sensitive: bool) -> None:
    assert action_table().get(action).is_sensitive(device_class) is sensitive


def test_sensitive_classes_are_classes_of_the_domain() -> None:
    for action in action_table():
        if action.sensitive_classes:
            assert action.sensitive_classes <= DOMAINS[action.domain].device_classes, action.full_name


def test_every_domain_describes_its_actions_in_words() -> None:
    for action in action_table():
        assert action.description.endswith("."), action.full_name
        assert action.as_dict()["description"] == action.description


def test_every_default_is_a_valid_value_of_its_field() -> None:
    for action in action_table():
        for field in action.fields:
            if field.default is not None and repr(field.default) != "UNSET":
                assert field.validator()(field.default) == field.default


def test_feature_bits_are_shown_one_by_one() -> None:
    toggle = action_table().get("climate.toggle").as_dict()
    assert toggle["target"] == {"entity": [{"domain": ["climate"], "supported_features": [128, 256]}]}


@pytest.mark.parametrize(
    ("generic", "domain", "expected"),
    [
        ("homeassistant.turn_on", "light", "light.turn_on"),
        ("homeassistant.turn_off", "climate", "climate.turn_off"),
        ("homeassistant.toggle", "cover", "cover.toggle"),
        ("homeassistant.turn_on", "cover", None),
        ("homeassistant.turn_on", "sensor", None),
        ("homeassistant.turn_on", "nonsense", None),
        ("homeassistant.restart", "light", None),
        ("light.turn_on", "light", None),
        ("homeassistant.turn_on", "input_boolean", "input_boolean.turn_on"),
        ("homeassistant.turn_on", "scene", "scene.turn_on"),
        ("homeassistant.turn_off", "water_heater", "water_heater.turn_off"),
        ("homeassistant.toggle", "water_heater", None),
        ("homeassistant.toggle", "valve", "valve.toggle"),
        ("homeassistant.turn_on", "vacuum", None),
    ],
)
def test_a_generic_action_means_the_entitys_own(generic: str, domain: str, expected: str | None) -> None:
    assert translate(generic, domain) == expected


def test_generic_actions_are_told_from_the_rest() -> None:
    assert is_generic("homeassistant.toggle")
    assert not is_generic("homeassistant.restart")
    assert not is_generic("switch.toggle")


@pytest.mark.parametrize(
    ("action", "data", "attributes", "message"),
    [
        ("number.set_value", {"value": 7}, {"min": 0, "max": 5}, "Expected value from 0 to 5, got 7"),
        ("select.select_option", {"option": "c"}, {"options": ["a", "b"]}, "one of a, b, got 'c'"),
        ("climate.set_temperature", {"temperature": 40}, {"min_temp": 5, "max_temp": 30}, "from 5 to 30"),
        ("climate.set_hvac_mode", {"hvac_mode": "cool"}, {"hvac_modes": ["off", "heat"]}, "one of off, heat"),
        ("fan.turn_on", {"preset_mode": "x"}, {"preset_modes": ["auto"]}, "one of auto"),
        ("text.set_value", {"value": "abc"}, {"max": 2}, "0 to 2 characters, got 3"),
        ("text.set_value", {"value": "abc"}, {"pattern": "[0-9]+"}, "matches"),
        ("input_text.set_value", {"value": "abc"}, {"max": 2}, "0 to 2 characters, got 3"),
        ("input_select.select_option", {"option": "c"}, {"options": ["a"]}, "one of a, got 'c'"),
        ("input_number.set_value", {"value": 7}, {"min": 0, "max": 5}, "from 0 to 5"),
        ("counter.set_value", {"value": 7}, {"maximum": 5}, "of at most 5, got 7"),
        ("counter.set_value", {"value": 1}, {"minimum": 5}, "of at least 5, got 1"),
        ("humidifier.set_humidity", {"humidity": 90}, {"min_humidity": 30, "max_humidity": 80}, "from 30 to 80"),
        ("humidifier.set_mode", {"mode": "baby"}, {"available_modes": ["eco"]}, "one of eco"),
        ("water_heater.set_temperature", {"temperature": 90}, {"min_temp": 40, "max_temp": 60}, "from 40 to 60"),
        ("water_heater.set_operation_mode", {"operation_mode": "gas"}, {"operation_list": ["eco"]}, "one of eco"),
        ("vacuum.set_fan_speed", {"fan_speed": "max"}, {"fan_speed_list": ["min"]}, "one of min"),
        ("siren.turn_on", {"tone": "moo"}, {"available_tones": {"1": "fire"}}, "one of fire, 1"),
        ("alarm_control_panel.alarm_arm_away", {}, {"code_format": "number", "code_arm_required": True}, "wants one"),
        ("alarm_control_panel.alarm_disarm", {"code": "abc"}, {"code_format": "number"}, "code of the form number"),
        ("lock.unlock", {"code": "12"}, {"code_format": "[0-9]{4}"}, "code of the form"),
        ("todo.add_item", {"item": "a", "due_date": "2026-01-31"}, {"supported_features": 1}, "Expected no due_date"),
        ("update.install", {"version": "2"}, {"supported_features": 1}, "Expected no version"),
        ("weather.get_forecasts", {"type": "hourly"}, {"supported_features": 1}, "a forecast of daily, got 'hourly'"),
        ("input_datetime.set_datetime", {"time": "07:30:00"}, {"has_date": True, "has_time": False}, "has none"),
    ],
)
def test_an_entity_refuses_what_lies_outside_its_own_limits(
    action: str, data: dict[str, Any], attributes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_limits(action, data, attributes)


def test_an_entity_without_limits_takes_anything() -> None:
    check_limits("number.set_value", {"value": 7}, {})
    check_limits("select.select_option", {"option": "a"}, {"options": ["a", "b"]})
    check_limits("text.set_value", {"value": "abc"}, {"min": 1, "max": 5, "pattern": "[a-c]+"})
    check_limits("text.set_value", {"value": "abc"}, {"pattern": "[a-c"})
    check_limits("siren.turn_on", {"tone": "fire"}, {"available_tones": {"1": "fire"}})
    check_limits("siren.turn_on", {"tone": "1"}, {"available_tones": {"1": "fire"}})
    check_limits("alarm_control_panel.alarm_arm_home", {}, {"code_arm_required": True, "code_format": None})
    check_limits("alarm_control_panel.alarm_arm_home", {}, {"code_arm_required": False, "code_format": "number"})
    check_limits("todo.add_item", {"item": "a", "due_date": "2026-01-31"}, {"supported_features": 17})
    check_limits("update.install", {"backup": False}, {"supported_features": 1})
    check_limits("input_datetime.set_datetime", {"datetime": "2026-01-31T07:30:00"}, {"has_time": False})
    assert choices_of("select.select_option", "option", {"options": ["a"]}) == ["a"]
    assert choices_of("select.select_option", "option", {}) is None
    assert range_of("number.set_value", "value", {"min": 1, "max": 2}) == (1, 2)


def test_every_domain_knows_its_own_states() -> None:
    assert DOMAINS["light"].accepts("on")
    assert DOMAINS["light"].accepts("unavailable")
    assert not DOMAINS["light"].accepts("open")
    assert DOMAINS["sensor"].accepts("21.5")


def test_selectors_of_every_field_are_known_or_checked_by_hand() -> None:
    unchecked = {"object", "constant"}
    for action in action_table():
        for field in action.fields:
            kind = next(iter(field.selector))
            if kind not in unchecked or field.validate:
                with pytest.raises((vol.Invalid, TypeError, ValueError)):
                    (field.validate or selector_validator(field.selector))(object())
