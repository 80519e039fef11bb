"""Each component: what its messages become, and what its actions send."""

from __future__ import annotations

from typing import Any

import pytest

from hearth_mqtt.testing import DiscoveredHome, Sent
from hub import ClimateFeature, CoverFeature, DeviceRefused, FanFeature, InvalidInput, LightFeature, LockFeature


@pytest.fixture
async def home() -> DiscoveredHome:
    return DiscoveredHome()


def payloads(sent: list[Sent]) -> list[tuple[str, str]]:
    return [(message.topic, message.payload) for message in sent]


SENSORS: list[tuple[dict[str, Any], Any, str]] = [
    ({}, "anything", "anything"),
    ({}, "None", "unknown"),
    ({}, "x" * 256, "unknown"),
    ({"unit_of_measurement": "W"}, "21.50", "21.50"),
    ({"unit_of_measurement": "W"}, "warm", "unknown"),
    ({"unit_of_measurement": "W"}, "nan", "unknown"),
    ({"state_class": "measurement"}, "-3e2", "-3e2"),
    ({"device_class": "temperature", "value_template": "{{ value_json.t }}"}, {"t": 19.5}, "19.5"),
    ({"device_class": "timestamp"}, "2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00+00:00"),
    ({"device_class": "timestamp"}, "2026-01-31T12:00:00", "unknown"),
    ({"device_class": "date"}, "2026-01-31", "2026-01-31"),
    ({"device_class": "enum", "options": ["a", "b"]}, "a", "a"),
    ({"device_class": "enum", "options": ["a", "b"]}, "c", "unknown"),
]


@pytest.mark.parametrize(("config", "payload", "state"), SENSORS)
async def test_a_sensor_shows_its_value(home: DiscoveredHome, config: dict[str, Any], payload: Any, state: str) -> None:
    await home.announce("sensor", name="S", state_topic="s", **config)
    await home.send("s", payload)
    assert home.state() == state


async def test_a_value_that_makes_no_sense_leaves_the_last_one(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", unit_of_measurement="°C")
    for payload in ("20", "", "garbage", b"\xff\xfe", "{"):
        await home.send("s", payload)
    assert home.state() == "20"


async def test_a_total_says_when_it_began_at_zero(home: DiscoveredHome) -> None:
    await home.announce(
        "sensor",
        name="S",
        state_topic="s",
        state_class="total",
        value_template="{{ value_json.v }}",
        last_reset_value_template="{{ value_json.r }}",
    )
    await home.send("s", {"v": 5, "r": "2026-01-01T00:00:00+00:00"})
    assert (home.state(), home.attributes()["last_reset"]) == ("5", "2026-01-01T00:00:00+00:00")
    await home.send("s", {"v": 6, "r": "soon"})
    assert (home.state(), home.attributes()["last_reset"]) == ("6", "2026-01-01T00:00:00+00:00")


async def test_units_are_written_in_the_usual_way(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", unit_of_measurement="\u00b5g/m³")
    assert home.attributes()["unit_of_measurement"] == "\u03bcg/m³"


@pytest.mark.parametrize(
    ("payload", "state"), [("ON", "on"), ("OFF", "off"), ("None", "unknown"), ("maybe", "unknown"), ("", "unknown")]
)
async def test_a_binary_sensor_is_on_or_off(home: DiscoveredHome, payload: str, state: str) -> None:
    await home.announce("binary_sensor", name="B", state_topic="b", device_class="motion")
    await home.send("b", payload)
    assert home.state() == state


async def test_a_motion_sensor_turns_itself_off_after_its_delay(home: DiscoveredHome) -> None:
    await home.announce("binary_sensor", name="B", state_topic="b", off_delay=30)
    await home.send("b", "ON")
    await home.pass_time(20)
    await home.send("b", "ON")
    await home.pass_time(20)
    assert home.state() == "on"
    await home.pass_time(10)
    assert home.state() == "off"


async def test_a_switch_is_told_and_read(home: DiscoveredHome) -> None:
    await home.announce("switch", name="W", state_topic="w", command_topic="w/set", state_on="1", state_off="0", qos=1)
    assert await home.act("switch.turn_on") == [Sent("w/set", "ON", qos=1)]
    assert home.state() == "unknown"
    await home.send("w", "1")
    assert home.state() == "on"
    assert payloads(await home.act("switch.toggle")) == [("w/set", "OFF")]
    assert "assumed_state" not in home.attributes()


async def test_a_switch_without_a_state_topic_is_assumed_to_obey(home: DiscoveredHome) -> None:
    await home.announce("switch", name="W", command_topic="w/set", command_template="{{ value | lower }}", retain=True)
    assert await home.act("switch.toggle") == [Sent("w/set", "on", retain=True)]
    assert (home.state(), home.attributes()["assumed_state"]) == ("on", True)


async def test_a_button_notes_when_it_was_pressed(home: DiscoveredHome) -> None:
    await home.announce("button", name="B", command_topic="b", payload_press="GO")
    assert payloads(await home.act("button.press")) == [("b", "GO")]
    assert home.state() == "2023-11-14T22:13:20.000000+00:00"


async def test_a_number_keeps_to_its_range(home: DiscoveredHome) -> None:
    await home.announce("number", name="N", state_topic="n", command_topic="n/set", min=-10, max=10, step=0.5)
    assert {key: home.attributes()[key] for key in ("min", "max", "step", "mode")} == {
        "min": -10.0,
        "max": 10.0,
        "step": 0.5,
        "mode": "auto",
    }
    for payload, state in (("5", "5"), ("2.5", "2.5"), ("11", "2.5"), ("x", "2.5"), ("None", "unknown")):
        await home.send("n", payload)
        assert home.state() == state
    assert payloads(await home.act("number.set_value", value=3.0)) == [("n/set", "3")]
    assert payloads(await home.act("number.set_value", value=2.5)) == [("n/set", "2.5")]


async def test_a_select_goes_round_its_options(home: DiscoveredHome) -> None:
    await home.announce("select", name="S", command_topic="s/set", options=["a", "b", "c"])
    for action, data, expected in (
        ("select_last", {}, "c"),
        ("select_next", {"cycle": True}, "a"),
        ("select_previous", {"cycle": True}, "c"),
        ("select_first", {}, "a"),
        ("select_option", {"option": "b"}, "b"),
    ):
        assert payloads(await home.act(f"select.{action}", **data)) == [("s/set", expected)]
        assert home.state() == expected
    await home.act("select.select_last")
    assert await home.act("select.select_next", cycle=False) == []
    with pytest.raises(InvalidInput, match="Expected one of a, b, c, got 'z'"):
        await home.act("select.select_option", option="z")


async def test_a_select_takes_only_its_own_options_from_the_device(home: DiscoveredHome) -> None:
    await home.announce("select", name="S", state_topic="s", command_topic="s/set", options=["a", "b"])
    for payload, state in (("a", "a"), ("z", "a"), ("", "a"), ("None", "unknown")):
        await home.send("s", payload)
        assert home.state() == state


async def test_a_text_keeps_to_its_limits(home: DiscoveredHome) -> None:
    await home.announce("text", name="T", state_topic="t", command_topic="t/set", min=2, max=4, pattern="[a-z]+")
    for payload, state in (("abc", "abc"), ("a", "abc"), ("abcde", "abc"), ("12", "abc")):
        await home.send("t", payload)
        assert home.state() == state
    assert payloads(await home.act("text.set_value", value="xyz")) == [("t/set", "xyz")]


async def test_an_event_happens_each_time_it_is_told(home: DiscoveredHome) -> None:
    changes: list[str] = []
    home.home.bus.listen("state_changed", lambda event: changes.append(event.data["new_state"].state))
    await home.announce("event", name="E", state_topic="e", event_types=["press", "hold"], device_class="button")
    await home.send("e", {"event_type": "press", "duration": 2})
    assert home.state() == "2023-11-14T22:13:20.000+00:00"
    assert (home.attributes()["event_type"], home.attributes()["duration"]) == ("press", 2)
    before = len(changes)
    await home.send("e", {"event_type": "press", "duration": 2})
    assert len(changes) == before + 1


@pytest.mark.parametrize("payload", ["", "{}", "None", "press", "[1]", '{"event_type": "dance"}', '{"kind": "press"}'])
async def test_what_is_no_event_does_not_happen(home: DiscoveredHome, payload: str) -> None:
    await home.announce("event", name="E", state_topic="e", event_types=["press"])
    await home.send("e", payload)
    assert home.state() == "unknown"


async def test_a_retained_message_is_no_event(home: DiscoveredHome) -> None:
    await home.send("e", {"event_type": "press"}, retain=True)
    await home.announce("event", name="E", state_topic="e", event_types=["press"])
    assert home.state() == "unknown"


async def test_a_lock_goes_through_its_states(home: DiscoveredHome) -> None:
    await home.announce(
        "lock", name="L", state_topic="l", command_topic="l/set", payload_open="OPEN", code_format="^\\d+$"
    )
    assert home.attributes()["supported_features"] == LockFeature.OPEN
    for payload, state in (
        ("LOCKING", "locking"),
        ("LOCKED", "locked"),
        ("UNLOCKING", "unlocking"),
        ("UNLOCKED", "unlocked"),
        ("OPENING", "opening"),
        ("OPEN", "open"),
        ("JAMMED", "jammed"),
        ("nonsense", "jammed"),
        ("None", "unknown"),
    ):
        await home.send("l", payload)
        assert home.state() == state
    assert home.attributes()["code_format"] == "^\\d+$"


async def test_a_lock_is_told_with_its_code(home: DiscoveredHome) -> None:
    await home.announce(
        "lock", name="L", command_topic="l/set", command_template='{"do": "{{ value }}", "code": "{{ code }}"}'
    )
    assert payloads(await home.act("lock.lock", code="12")) == [("l/set", '{"do": "LOCK", "code": "12"}')]
    assert home.state() == "locked"
    await home.act("lock.unlock")
    assert home.state() == "unlocked"
    with pytest.raises(DeviceRefused, match="has no open"):
        await home.act("lock.open")


COVER: dict[str, Any] = {"name": "C", "state_topic": "c", "command_topic": "c/set"}


async def test_a_cover_opens_closes_and_stops(home: DiscoveredHome) -> None:
    await home.announce("cover", **COVER)
    assert home.attributes()["supported_features"] == CoverFeature.OPEN | CoverFeature.CLOSE | CoverFeature.STOP
    for payload, state in (
        ("opening", "opening"),
        ("open", "open"),
        ("closing", "closing"),
        ("stopped", "closed"),
        ("None", "unknown"),
        ("?", "unknown"),
    ):
        await home.send("c", payload)
        assert home.state() == state
    sent = [await home.act(f"cover.{action}") for action in ("open_cover", "close_cover", "stop_cover")]
    assert [message.payload for (message,) in sent] == ["OPEN", "CLOSE", "STOP"]


@pytest.mark.parametrize(
    ("state", "payload"),
    [("open", "CLOSE"), ("closed", "OPEN"), ("opening", "STOP"), ("closing", "STOP"), ("None", "CLOSE")],
)
async def test_a_cover_is_toggled(home: DiscoveredHome, state: str, payload: str) -> None:
    await home.announce("cover", **COVER)
    await home.send("c", state)
    assert payloads(await home.act("cover.toggle")) == [("c/set", payload)]


async def test_a_cover_has_a_position_in_its_own_numbers(home: DiscoveredHome) -> None:
    await home.announce(
        "cover", name="C", position_topic="p", set_position_topic="p/set", position_open=0, position_closed=200
    )
    assert home.attributes()["supported_features"] == CoverFeature.SET_POSITION
    await home.send("p", "200")
    assert (home.state(), home.attributes()["current_position"]) == ("closed", 0)
    await home.send("p", "100")
    assert (home.state(), home.attributes()["current_position"]) == ("open", 50)
    await home.send("p", "nowhere")
    await home.send("p", "nan")
    assert home.attributes()["current_position"] == 50
    assert payloads(await home.act("cover.set_cover_position", position=25)) == [("p/set", "150")]


async def test_a_cover_tells_position_and_tilt_in_one_object(home: DiscoveredHome) -> None:
    await home.announce(
        "cover",
        name="C",
        position_topic="p",
        position_template='{"position": {{ value_json.p }}, "tilt_position": {{ value_json.t }}}',
        tilt_command_topic="t/set",
        tilt_command_template="{{ tilt_position }}/{{ tilt_max }}",
    )
    await home.send("p", {"p": 30, "t": 70})
    assert (home.attributes()["current_position"], home.attributes()["current_tilt_position"]) == (30, 70)
    assert payloads(await home.act("cover.set_cover_tilt_position", tilt_position=40)) == [("t/set", "40/100")]
    assert payloads(await home.act("cover.toggle_cover_tilt")) == [("t/set", "0/100")]
    assert payloads(await home.act("cover.toggle_cover_tilt")) == [("t/set", "100/100")]
    assert payloads(await home.act("cover.close_cover_tilt")) == [("t/set", "0/100")]
    assert payloads(await home.act("cover.open_cover_tilt")) == [("t/set", "100/100")]
    assert payloads(await home.act("cover.stop_cover_tilt")) == [("t/set", "STOP")]
    assert home.attributes()["current_tilt_position"] == 100


async def test_a_silent_cover_is_assumed_to_move(home: DiscoveredHome) -> None:
    await home.announce("cover", name="C", command_topic="c/set")
    await home.act("cover.close_cover")
    assert (home.state(), home.attributes()["assumed_state"]) == ("closed", True)


FAN: dict[str, Any] = {
    "name": "F",
    "command_topic": "f/set",
    "state_topic": "f",
    "percentage_command_topic": "f/speed/set",
    "percentage_state_topic": "f/speed",
    "speed_range_max": 4,
    "preset_mode_command_topic": "f/mode/set",
    "preset_mode_state_topic": "f/mode",
    "preset_modes": ["auto", "smart"],
    "oscillation_command_topic": "f/osc/set",
    "oscillation_state_topic": "f/osc",
    "direction_command_topic": "f/dir/set",
    "direction_state_topic": "f/dir",
}


async def test_a_fan_tells_all_its_parts(home: DiscoveredHome) -> None:
    await home.announce("fan", **FAN)
    assert home.attributes()["supported_features"] == sum(FanFeature)
    for topic, payload in (
        ("f", "ON"),
        ("f/speed", "3"),
        ("f/speed", "9"),
        ("f/mode", "smart"),
        ("f/mode", "wild"),
        ("f/osc", "oscillate_on"),
        ("f/dir", "reverse"),
    ):
        await home.send(topic, payload)
    shown = home.attributes()
    assert home.state() == "on"
    assert (shown["percentage"], shown["percentage_step"], shown["preset_mode"]) == (75, 25.0, "smart")
    assert (shown["oscillating"], shown["direction"], shown["preset_modes"]) == (True, "reverse", ["auto", "smart"])
    await home.send("f/speed", "None")
    await home.send("f/mode", "None")
    assert (home.attributes()["percentage"], home.attributes()["preset_mode"]) == (None, None)


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("turn_on", {}, [("f/set", "ON")]),
        ("turn_on", {"percentage": 50}, [("f/set", "ON"), ("f/speed/set", "2")]),
        ("turn_on", {"preset_mode": "auto"}, [("f/set", "ON"), ("f/mode/set", "auto")]),
        ("turn_off", {}, [("f/set", "OFF")]),
        ("toggle", {}, [("f/set", "ON")]),
        ("set_percentage", {"percentage": 100}, [("f/speed/set", "4")]),
        ("increase_speed", {}, [("f/speed/set", "3")]),
        ("decrease_speed", {}, [("f/speed/set", "1")]),
        ("decrease_speed", {"percentage_step": 60}, [("f/speed/set", "0")]),
        ("set_preset_mode", {"preset_mode": "smart"}, [("f/mode/set", "smart")]),
        ("oscillate", {"oscillating": True}, [("f/osc/set", "oscillate_on")]),
        ("set_direction", {"direction": "reverse"}, [("f/dir/set", "reverse")]),
    ],
)
async def test_a_fan_is_told(
    home: DiscoveredHome, action: str, data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await home.announce("fan", **FAN)
    await home.send("f/speed", "2")
    assert payloads(await home.act(f"fan.{action}", **data)) == expected


CLIMATE: dict[str, Any] = {
    "name": "T",
    "modes": ["off", "heat", "auto"],
    "mode_command_topic": "t/mode/set",
    "mode_state_topic": "t",
    "mode_state_template": "{{ value_json.mode }}",
    "temperature_command_topic": "t/temp/set",
    "temperature_state_topic": "t",
    "temperature_state_template": "{{ value_json.temp }}",
    "current_temperature_topic": "t",
    "current_temperature_template": "{{ value_json.local }}",
    "action_topic": "t",
    "action_template": "{{ value_json.action }}",
    "preset_mode_command_topic": "t/preset/set",
    "preset_mode_state_topic": "t",
    "preset_mode_value_template": "{{ value_json.preset }}",
    "preset_modes": ["eco"],
    "min_temp": 5,
    "max_temp": 30,
    "temp_step": 0.5,
}


async def test_a_thermostat_tells_all_its_parts_in_one_message(home: DiscoveredHome) -> None:
    changes: list[str] = []
    await home.announce("climate", **CLIMATE)
    home.home.bus.listen("state_changed", lambda event: changes.append(event.data["new_state"].state))
    await home.send("t", {"mode": "heat", "temp": 21.5, "local": 19.04, "action": "heating", "preset": "eco"})
    assert changes == ["heat"]
    shown = home.attributes()
    assert (shown["temperature"], shown["current_temperature"], shown["hvac_action"]) == (21.5, 19.0, "heating")
    assert (shown["preset_mode"], shown["preset_modes"]) == ("eco", ["none", "eco"])
    features = ClimateFeature.TARGET_TEMPERATURE | ClimateFeature.PRESET_MODE
    assert shown["supported_features"] == features | ClimateFeature.TURN_ON | ClimateFeature.TURN_OFF
    await home.send("t", {"mode": "boost", "temp": "hot", "local": 20, "action": "dancing", "preset": "none"})
    shown = home.attributes()
    assert (home.state(), shown["temperature"], shown["hvac_action"]) == ("heat", 21.5, "heating")
    assert (shown["current_temperature"], shown["preset_mode"]) == (20.0, "none")


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("set_temperature", {"temperature": 21.5}, [("t/temp/set", "21.5")]),
        ("set_temperature", {"temperature": 20, "hvac_mode": "auto"}, [("t/mode/set", "auto"), ("t/temp/set", "20")]),
        ("set_hvac_mode", {"hvac_mode": "heat"}, [("t/mode/set", "heat")]),
        ("set_preset_mode", {"preset_mode": "eco"}, [("t/preset/set", "eco")]),
        ("turn_on", {}, [("t/mode/set", "heat")]),
        ("turn_off", {}, [("t/mode/set", "off")]),
        ("toggle", {}, [("t/mode/set", "heat")]),
    ],
)
async def test_a_thermostat_is_told(
    home: DiscoveredHome, action: str, data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await home.announce("climate", **CLIMATE)
    await home.send("t", {"mode": "off"})
    assert payloads(await home.act(f"climate.{action}", **data)) == expected


async def test_a_thermostat_with_a_power_topic_is_switched_there(home: DiscoveredHome) -> None:
    await home.announce("climate", **CLIMATE, power_command_topic="t/power", payload_on="1", payload_off="0")
    assert payloads(await home.act("climate.turn_on")) == [("t/power", "1")]
    assert payloads(await home.act("climate.turn_off")) == [("t/power", "0")]


async def test_a_thermostat_in_fahrenheit_is_shown_in_celsius(home: DiscoveredHome) -> None:
    await home.announce(
        "climate",
        name="T",
        temperature_unit="F",
        current_temperature_topic="c",
        temperature_command_topic="t/set",
        temperature_state_topic="t",
        min_temp=50,
        max_temp=86,
    )
    await home.send("c", "68")
    assert home.attributes()["current_temperature"] == 20.0
    assert (home.attributes()["min_temp"], home.attributes()["max_temp"]) == (10.0, 30.0)
    assert payloads(await home.act("climate.set_temperature", temperature=21)) == [("t/set", "69.8")]


async def test_a_silent_air_conditioner_is_assumed_to_obey(home: DiscoveredHome) -> None:
    await home.announce(
        "climate",
        name="T",
        mode_command_topic="m",
        temperature_low_command_topic="l",
        temperature_high_command_topic="h",
        fan_mode_command_topic="f",
        swing_mode_command_topic="s",
        target_humidity_command_topic="q",
    )
    assert (home.state(), home.attributes()["fan_mode"], home.attributes()["swing_mode"]) == ("off", "low", "off")
    await home.act("climate.set_hvac_mode", hvac_mode="cool")
    sent = await home.act("climate.set_temperature", target_temp_low=18, target_temp_high=24)
    assert payloads(sent) == [("l", "18"), ("h", "24")]
    await home.act("climate.set_fan_mode", fan_mode="high")
    await home.act("climate.set_swing_mode", swing_mode="on")
    assert payloads(await home.act("climate.set_humidity", humidity=50)) == [("q", "50")]
    shown = home.attributes()
    assert home.state() == "cool"
    assert (shown["target_temp_low"], shown["target_temp_high"], shown["humidity"]) == (18, 24, 50)
    assert (shown["fan_mode"], shown["swing_mode"]) == ("high", "on")


async def test_a_cooler_that_only_cools_cannot_be_turned_on_to_what_it_has_not(home: DiscoveredHome) -> None:
    await home.announce("climate", name="T", mode_command_topic="m", modes=["dry", "fan_only"])
    with pytest.raises(InvalidInput, match="Expected a mode to turn on to"):
        await home.act("climate.turn_on")
    with pytest.raises(InvalidInput, match="Expected the mode off"):
        await home.act("climate.turn_off")


JSON_LIGHT: dict[str, Any] = {
    "name": "L",
    "schema": "json",
    "state_topic": "l",
    "command_topic": "l/set",
    "brightness": True,
    "brightness_scale": 254,
    "supported_color_modes": ["color_temp", "xy"],
    "effect": True,
    "effect_list": ["blink"],
    "min_mireds": 153,
    "max_mireds": 500,
}


async def test_a_json_light_tells_its_colour(home: DiscoveredHome) -> None:
    await home.announce("light", **JSON_LIGHT)
    shown = home.attributes()
    assert shown["supported_features"] == LightFeature.EFFECT | LightFeature.FLASH | LightFeature.TRANSITION
    assert (shown["min_color_temp_kelvin"], shown["max_color_temp_kelvin"]) == (2000, 6535)
    await home.send("l", {"state": "ON", "brightness": 254, "color_mode": "xy", "color": {"x": 0.3, "y": 0.4}})
    shown = home.attributes()
    assert (home.state(), shown["brightness"], shown["color_mode"], shown["xy_color"]) == ("on", 255, "xy", (0.3, 0.4))
    await home.send("l", {"color_mode": "color_temp", "color_temp": 250, "effect": "blink"})
    shown = home.attributes()
    assert (shown["color_mode"], shown["color_temp_kelvin"], shown["color_temp"]) == ("color_temp", 4000, 250)
    assert shown["effect"] == "blink"
    await home.send("l", {"state": "OFF"})
    assert (home.state(), home.attributes()["brightness"], home.attributes()["color_mode"]) == ("off", None, None)


@pytest.mark.parametrize(
    "payload",
    [
        "no json",
        "[]",
        {"state": "dim"},
        {"state": []},
        {"color_mode": "rgb", "color": {}},
        {"color_mode": "xy", "color": {"x": 1}},
        {"color_mode": "xy", "color": 5},
        {"color_mode": "color_temp", "color_temp": 0},
        {"color_mode": [], "brightness": "bright"},
        {"brightness": {"a": 1}},
        {"brightness": "1e400"},
    ],
)
async def test_garbage_from_a_json_light_leaves_it_as_it_was(home: DiscoveredHome, payload: Any) -> None:
    await home.announce("light", **JSON_LIGHT)
    await home.send("l", {"state": "ON", "brightness": 100, "color_mode": "xy", "color": {"x": 0.3, "y": 0.4}})
    before = (home.state(), home.attributes())
    await home.send("l", payload)
    assert (home.state(), home.attributes()) == before


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("turn_on", {}, '{"state":"ON"}'),
        ("turn_on", {"brightness_pct": 50}, '{"state":"ON","brightness":127}'),
        ("turn_on", {"brightness": 0}, '{"state":"OFF"}'),
        ("turn_on", {"color_temp_kelvin": 4000}, '{"state":"ON","color_temp":250}'),
        ("turn_on", {"color_name": "red"}, '{"state":"ON","color":{"x":0.701,"y":0.299}}'),
        ("turn_on", {"effect": "blink", "transition": 2.0}, '{"state":"ON","transition":2.0,"effect":"blink"}'),
        ("turn_on", {"flash": "long"}, '{"state":"ON","flash":10}'),
        ("turn_off", {"transition": 1.0}, '{"state":"OFF","transition":1.0}'),
        ("toggle", {}, '{"state":"ON"}'),
    ],
)
async def test_a_json_light_is_told(home: DiscoveredHome, action: str, data: dict[str, Any], expected: str) -> None:
    await home.announce("light", **JSON_LIGHT)
    assert payloads(await home.act(f"light.{action}", **data)) == [("l/set", expected)]


async def test_a_json_light_without_brightness_dims_its_colour(home: DiscoveredHome) -> None:
    await home.announce("light", name="L", schema="json", command_topic="l/set", supported_color_modes=["rgb"])
    sent = await home.act("light.turn_on", rgb_color=(255, 128, 0), brightness=128)
    assert payloads(sent) == [("l/set", '{"state":"ON","color":{"r":128,"g":64,"b":0}}')]
    assert (home.state(), home.attributes()["rgb_color"]) == ("on", (128, 64, 0))


async def test_a_light_with_white_is_set_to_white(home: DiscoveredHome) -> None:
    await home.announce(
        "light", name="L", schema="json", command_topic="l", brightness=True, supported_color_modes=["hs", "white"]
    )
    assert payloads(await home.act("light.turn_on", white=100)) == [("l", '{"state":"ON","white":100}')]
    assert (home.attributes()["color_mode"], home.attributes()["brightness"]) == ("white", 100)


async def test_a_light_in_kelvin_speaks_kelvin(home: DiscoveredHome) -> None:
    config = {**JSON_LIGHT, "color_temp_kelvin": True}
    await home.announce("light", **config)
    await home.send("l", {"state": "ON", "color_mode": "color_temp", "color_temp": 3000})
    assert home.attributes()["color_temp_kelvin"] == 3000
    assert payloads(await home.act("light.turn_on", color_temp_kelvin=2700)) == [
        ("l/set", '{"state":"ON","color_temp":2700}')
    ]


BASIC_LIGHT: dict[str, Any] = {
    "name": "L",
    "state_topic": "l",
    "command_topic": "l/set",
    "brightness_command_topic": "l/bri/set",
    "brightness_state_topic": "l/bri",
    "brightness_scale": 100,
    "rgb_command_topic": "l/rgb/set",
    "rgb_state_topic": "l/rgb",
    "color_temp_command_topic": "l/ct/set",
    "color_temp_state_topic": "l/ct",
    "effect_command_topic": "l/fx/set",
    "effect_state_topic": "l/fx",
    "effect_list": ["blink"],
}


async def test_a_basic_light_tells_each_part_on_a_topic_of_its_own(home: DiscoveredHome) -> None:
    await home.announce("light", **BASIC_LIGHT)
    for topic, payload in (("l", "ON"), ("l/bri", "50"), ("l/rgb", "255,0,10"), ("l/fx", "blink")):
        await home.send(topic, payload)
    shown = home.attributes()
    assert (home.state(), shown["brightness"], shown["rgb_color"], shown["effect"]) == (
        "on",
        128,
        (255, 0, 10),
        "blink",
    )
    assert (shown["color_mode"], shown["supported_color_modes"]) == ("rgb", ["color_temp", "rgb"])
    await home.send("l/ct", "250")
    assert (home.attributes()["color_mode"], home.attributes()["color_temp_kelvin"]) == ("color_temp", 4000)
    for topic, payload in (("l/rgb", "red"), ("l/rgb", "1,2"), ("l/ct", "0"), ("l/bri", "x"), ("l", "dim")):
        await home.send(topic, payload)
    assert (home.state(), home.attributes()["color_temp_kelvin"]) == ("on", 4000)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [("l/set", "ON")]),
        ({"brightness": 128}, [("l/bri/set", "50"), ("l/set", "ON")]),
        ({"rgb_color": (1, 2, 3)}, [("l/rgb/set", "1,2,3"), ("l/set", "ON")]),
        ({"color_temp_kelvin": 4000}, [("l/ct/set", "250"), ("l/set", "ON")]),
        ({"effect": "blink"}, [("l/fx/set", "blink"), ("l/set", "ON")]),
        ({"effect": "party"}, [("l/set", "ON")]),
        ({"brightness": 0}, [("l/set", "OFF")]),
    ],
)
async def test_a_basic_light_is_told(
    home: DiscoveredHome, data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await home.announce("light", **BASIC_LIGHT)
    assert payloads(await home.act("light.turn_on", **data)) == expected


async def test_a_basic_light_can_say_on_first_or_by_its_brightness(home: DiscoveredHome) -> None:
    await home.announce("light", **BASIC_LIGHT, on_command_type="first")
    assert payloads(await home.act("light.turn_on", brightness=255)) == [("l/set", "ON"), ("l/bri/set", "100")]
    await home.announce("light", **BASIC_LIGHT, on_command_type="brightness")
    assert payloads(await home.act("light.turn_on")) == [("l/bri/set", "100")]


async def test_a_basic_light_with_colour_alone_dims_its_channels(home: DiscoveredHome) -> None:
    template = "{{ '#%02x%02x%02x' | format(red, green, blue) }}"
    await home.announce("light", name="L", command_topic="l", rgb_command_topic="c", rgb_command_template=template)
    assert payloads(await home.act("light.turn_on", rgb_color=(255, 128, 0), brightness=128))[0] == ("c", "#804000")
    assert (home.state(), home.attributes()["rgb_color"]) == ("on", (255, 128, 0))
    assert payloads(await home.act("light.turn_on", brightness=255))[0] == ("c", "#ff8000")
    await home.act("light.turn_off")
    assert home.state() == "off"


async def test_a_template_light_writes_and_reads_by_its_templates(home: DiscoveredHome) -> None:
    await home.announce(
        "light",
        name="L",
        schema="template",
        state_topic="l",
        command_topic="l/set",
        command_on_template="on,{{ brightness | default('-') }},{{ red | default('-') }},{{ color_temp | default('-') }}",
        command_off_template="off,{{ transition | default(0) }}",
        state_template="{{ value.split(',')[0] }}",
        brightness_template="{{ value.split(',')[1] }}",
        color_temp_template="{{ value.split(',')[2] }}",
        red_template="{{ value.split(',')[3] }}",
        green_template="{{ value.split(',')[4] }}",
        blue_template="{{ value.split(',')[5] }}",
    )
    assert home.attributes()["supported_color_modes"] == ["color_temp", "hs"]
    await home.send("l", "on,200,None,255,0,0")
    shown = home.attributes()
    assert (home.state(), shown["brightness"], shown["color_mode"], shown["hs_color"]) == (
        "on",
        200,
        "hs",
        (0.0, 100.0),
    )
    await home.send("l", "on,200,250,None,None,None")
    assert (home.attributes()["color_mode"], home.attributes()["color_temp_kelvin"]) == ("color_temp", 4000)
    await home.send("l", "on,bright,x,1,2,3")
    assert home.attributes()["brightness"] == 200
    assert payloads(await home.act("light.turn_on", brightness=10)) == [("l/set", "on,10,-,-")]
    assert payloads(await home.act("light.turn_on", color_temp_kelvin=5000)) == [("l/set", "on,-,-,200")]
    assert payloads(await home.act("light.turn_on", color_name="red")) == [("l/set", "on,-,255,-")]
    assert payloads(await home.act("light.turn_off", transition=3.0)) == [("l/set", "off,3.0")]
