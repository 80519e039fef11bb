"""What stands or drives about a house: alarms, cleaners, valves, humidifiers, water heaters, sirens."""

from __future__ import annotations

from typing import Any

import pytest

from hearth_mqtt.testing import DiscoveredHome, Sent
from hub import (
    AlarmControlPanelFeature,
    InvalidInput,
    LawnMowerFeature,
    SirenFeature,
    VacuumFeature,
    ValveFeature,
    WaterHeaterFeature,
)


@pytest.fixture
async def home() -> DiscoveredHome:
    return DiscoveredHome()


def payloads(sent: list[Sent]) -> list[tuple[str, str]]:
    return [(message.topic, message.payload) for message in sent]


async def states_after(home: DiscoveredHome, topic: str, *sent: Any) -> list[str | None]:
    """Return the state after each of these messages."""
    states = []
    for payload in sent:
        await home.send(topic, payload)
        states.append(home.state())
    return states


async def test_an_alarm_follows_its_panel(home: DiscoveredHome) -> None:
    await home.announce("alarm_control_panel", name="A", state_topic="a", command_topic="a/set")
    assert home.attributes() == {
        "code_format": None,
        "changed_by": None,
        "code_arm_required": True,
        "friendly_name": "A",
        "supported_features": 63,
    }
    assert await states_after(home, "a", "armed_away", "", "broken", "triggered", "None") == [
        "armed_away",
        "armed_away",
        "armed_away",
        "triggered",
        "unknown",
    ]
    assert payloads(await home.act("alarm_control_panel.alarm_arm_night")) == [("a/set", "ARM_NIGHT")]


async def test_an_alarm_wants_its_code(home: DiscoveredHome) -> None:
    await home.announce(
        "alarm_control_panel",
        name="A",
        state_topic="a",
        command_topic="a/set",
        code="1234",
        code_trigger_required=False,
        command_template='{"do": "{{ action }}", "code": "{{ code }}"}',
        supported_features=["arm_home", "trigger"],
    )
    assert home.attributes()["code_format"] == "number"
    features = AlarmControlPanelFeature.ARM_HOME | AlarmControlPanelFeature.TRIGGER
    assert home.attributes()["supported_features"] == features
    for wrong in ({}, {"code": "4321"}):
        with pytest.raises(InvalidInput, match="Expected the alarm's code"):
            await home.act("alarm_control_panel.alarm_disarm", **wrong)
    assert payloads(await home.act("alarm_control_panel.alarm_disarm", code="1234")) == [
        ("a/set", '{"do": "DISARM", "code": "1234"}')
    ]
    assert payloads(await home.act("alarm_control_panel.alarm_trigger")) == [
        ("a/set", '{"do": "TRIGGER", "code": "None"}')
    ]


@pytest.mark.parametrize(
    ("code", "form"), [("REMOTE_CODE", "number"), ("REMOTE_CODE_TEXT", "text"), ("open sesame", "text")]
)
async def test_a_code_has_a_form(home: DiscoveredHome, code: str, form: str) -> None:
    await home.announce("alarm_control_panel", name="A", state_topic="a", command_topic="a/set", code=code)
    assert home.attributes()["code_format"] == form


async def test_a_code_that_the_panel_checks_must_be_given(home: DiscoveredHome) -> None:
    await home.announce("alarm_control_panel", name="A", state_topic="a", command_topic="a/set", code="REMOTE_CODE")
    with pytest.raises(InvalidInput):
        await home.act("alarm_control_panel.alarm_arm_home", code="")
    assert payloads(await home.act("alarm_control_panel.alarm_arm_home", code="99")) == [("a/set", "ARM_HOME")]


VACUUM: dict[str, Any] = {
    "name": "V",
    "state_topic": "v",
    "command_topic": "v/set",
    "send_command_topic": "v/send",
    "set_fan_speed_topic": "v/fan",
    "fan_speed_list": ["low", "high"],
    "supported_features": ["start", "pause", "stop", "return_home", "fan_speed", "send_command", "status"],
}


async def test_a_vacuum_cleaner_says_all_in_one_object(home: DiscoveredHome) -> None:
    await home.announce("vacuum", **VACUUM)
    assert home.attributes()["fan_speed"] is None
    await home.send("v", {"state": "cleaning", "fan_speed": "high"})
    assert (home.state(), home.attributes()["fan_speed"]) == ("cleaning", "high")
    await home.send("v", {"state": "dancing"})
    await home.send("v", "no JSON")
    assert (home.state(), home.attributes()["fan_speed"]) == ("cleaning", "high")
    await home.send("v", {"state": None})
    assert home.state() == "unknown"


async def test_a_vacuum_cleaner_is_told_what_to_do(home: DiscoveredHome) -> None:
    await home.announce("vacuum", **VACUUM, payload_pause="halt")
    for action, data, sent in (
        ("start", {}, ("v/set", "start")),
        ("pause", {}, ("v/set", "halt")),
        ("return_to_base", {}, ("v/set", "return_to_base")),
        ("set_fan_speed", {"fan_speed": "low"}, ("v/fan", "low")),
        ("send_command", {"command": "map"}, ("v/send", "map")),
        ("send_command", {"command": "map", "params": {"room": 3}}, ("v/send", '{"command":"map","room":3}')),
    ):
        assert payloads(await home.act(f"vacuum.{action}", **data)) == [sent]
    with pytest.raises(InvalidInput, match="Expected one of low, high"):
        await home.act("vacuum.set_fan_speed", fan_speed="warp")


async def test_a_vacuum_cleaner_has_home_assistants_feature_bits(home: DiscoveredHome) -> None:
    await home.announce("vacuum", **VACUUM)
    assert home.attributes()["supported_features"] == 8192 + 4 + 8 + 16 + 32 + 256 + 128 + 4096
    await home.announce("vacuum", name="Plain", at="plain", unique_id="plain", command_topic="p")
    usual = VacuumFeature.START | VacuumFeature.STOP | VacuumFeature.RETURN_HOME | VacuumFeature.CLEAN_SPOT
    assert home.attributes("plain")["supported_features"] == usual | VacuumFeature.STATE
    assert "fan_speed_list" not in home.attributes("plain")


async def test_a_lawn_mower_is_told_by_topics_of_their_own(home: DiscoveredHome) -> None:
    await home.announce(
        "lawn_mower",
        name="L",
        activity_state_topic="l",
        activity_value_template="{{ value_json.now }}",
        dock_command_topic="l/dock",
        start_mowing_command_topic="l/mow",
        start_mowing_command_template='{"go": "{{ value }}"}',
    )
    assert home.attributes()["supported_features"] == LawnMowerFeature.DOCK | LawnMowerFeature.START_MOWING
    assert await states_after(home, "l", {"now": "mowing"}, {"now": "asleep"}, {"now": "none"}) == [
        "mowing",
        "mowing",
        "unknown",
    ]
    assert payloads(await home.act("lawn_mower.start_mowing")) == [("l/mow", '{"go": "start_mowing"}')]
    assert payloads(await home.act("lawn_mower.dock")) == [("l/dock", "dock")]
    assert home.state() == "unknown"


async def test_a_silent_lawn_mower_is_assumed_to_obey(home: DiscoveredHome) -> None:
    await home.announce("lawn_mower", name="L", pause_command_topic="l/pause")
    await home.act("lawn_mower.pause")
    assert (home.state(), home.attributes()["assumed_state"]) == ("paused", True)


async def test_a_valve_opens_and_closes(home: DiscoveredHome) -> None:
    await home.announce("valve", name="V", state_topic="v", command_topic="v/set", payload_stop="STOP")
    assert home.attributes()["supported_features"] == ValveFeature.OPEN | ValveFeature.CLOSE | ValveFeature.STOP
    assert await states_after(home, "v", "opening", "open", {"state": "closing"}, "closed", "stuck", "None") == [
        "opening",
        "open",
        "closing",
        "closed",
        "closed",
        "unknown",
    ]
    assert payloads(await home.act("valve.open_valve")) == [("v/set", "OPEN")]
    assert payloads(await home.act("valve.stop_valve")) == [("v/set", "STOP")]


async def test_a_valve_without_a_command_for_it_cannot_be_closed(home: DiscoveredHome) -> None:
    await home.announce("valve", name="V", command_topic="v/set", payload_close=None)
    assert home.attributes()["supported_features"] == ValveFeature.OPEN
    await home.act("valve.open_valve")
    assert (home.state(), home.attributes()["assumed_state"]) == ("open", True)


async def test_a_valve_with_a_position_is_moved_by_it(home: DiscoveredHome) -> None:
    await home.announce(
        "valve",
        name="V",
        state_topic="v",
        command_topic="v/set",
        reports_position=True,
        position_closed=0,
        position_open=200,
        command_template='{"to": {{ value }}, "percent": {{ position }}}',
    )
    features = ValveFeature.OPEN | ValveFeature.CLOSE | ValveFeature.SET_POSITION
    assert home.attributes()["supported_features"] == features
    assert await states_after(home, "v", "100", {"state": "opening", "position": 120}, "150", "200", "0") == [
        "open",
        "opening",
        "opening",
        "open",
        "closed",
    ]
    assert payloads(await home.act("valve.set_valve_position", position=25)) == [("v/set", '{"to": 50, "percent": 25}')]
    assert payloads(await home.act("valve.open_valve")) == [("v/set", '{"to": 200, "percent": 100}')]
    await home.send("v", "None")
    assert (home.state(), home.attributes()["current_position"]) == ("unknown", None)


async def test_toggling_stops_a_valve_that_moves_and_else_turns_it_about(home: DiscoveredHome) -> None:
    await home.announce("valve", name="V", state_topic="v", command_topic="v/set", payload_stop="STOP")
    for state, sent in (
        ("closed", "OPEN"),
        ("opening", "STOP"),
        ("open", "CLOSE"),
        ("closing", "STOP"),
        ("open", "OPEN"),
    ):
        await home.send("v", state)
        assert payloads(await home.act("valve.toggle")) == [("v/set", sent)]


async def test_a_valve_that_reports_a_position_names_no_states(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture
) -> None:
    await home.announce("valve", name="V", state_topic="v", reports_position=True, state_open="open")
    assert home.state() is None
    assert "Cannot make a valve" in caplog.text


HUMIDIFIER: dict[str, Any] = {
    "name": "H",
    "state_topic": "h",
    "command_topic": "h/set",
    "target_humidity_command_topic": "h/target/set",
    "target_humidity_state_topic": "h/target",
    "current_humidity_topic": "h/now",
    "action_topic": "h/action",
    "mode_command_topic": "h/mode/set",
    "mode_state_topic": "h/mode",
    "modes": ["eco", "boost"],
    "min_humidity": 30,
    "max_humidity": 80,
}


async def test_a_humidifier_shows_what_is_known_of_it(home: DiscoveredHome) -> None:
    await home.announce("humidifier", **HUMIDIFIER)
    assert home.attributes() == {
        "min_humidity": 30.0,
        "max_humidity": 80.0,
        "available_modes": ["eco", "boost"],
        "mode": None,
        "device_class": "humidifier",
        "friendly_name": "H",
        "supported_features": 1,
    }
    for topic, payload in (
        ("h", "ON"),
        ("h/target", "45.4"),
        ("h/target", "90"),
        ("h/now", "41"),
        ("h/now", "damp"),
        ("h/action", "humidifying"),
        ("h/mode", "boost"),
        ("h/mode", "warp"),
    ):
        await home.send(topic, payload)
    assert home.state() == "on"
    shown = {key: home.attributes()[key] for key in ("humidity", "current_humidity", "action", "mode")}
    assert shown == {"humidity": 45, "current_humidity": 41, "action": "humidifying", "mode": "boost"}
    await home.send("h", "OFF")
    assert home.attributes()["action"] == "off"
    await home.send("h/target", "None")
    await home.send("h/mode", "None")
    assert "humidity" not in home.attributes()
    assert home.attributes()["mode"] is None


async def test_a_humidifier_is_told_what_to_do(home: DiscoveredHome) -> None:
    await home.announce("humidifier", **HUMIDIFIER, mode_command_template="m:{{ value }}")
    for action, data, sent in (
        ("turn_on", {}, ("h/set", "ON")),
        ("toggle", {}, ("h/set", "ON")),
        ("set_humidity", {"humidity": 55}, ("h/target/set", "55")),
        ("set_mode", {"mode": "eco"}, ("h/mode/set", "m:eco")),
    ):
        assert payloads(await home.act(f"humidifier.{action}", **data)) == [sent]


@pytest.mark.parametrize(
    "wrong",
    [{"min_humidity": 80}, {"max_humidity": 101}, {"payload_reset_mode": "eco"}, {"mode_command_topic": None}],
)
async def test_a_humidifier_that_contradicts_itself_is_refused(home: DiscoveredHome, wrong: dict[str, Any]) -> None:
    config = {key: value for key, value in {**HUMIDIFIER, **wrong}.items() if value is not None}
    await home.announce("humidifier", **config)
    assert home.state() is None


async def test_a_water_heater_has_a_mode_and_a_temperature(home: DiscoveredHome) -> None:
    await home.announce(
        "water_heater",
        name="W",
        mode_state_topic="w/mode",
        mode_command_topic="w/mode/set",
        modes=["off", "eco"],
        temperature_state_topic="w/target",
        temperature_command_topic="w/target/set",
        current_temperature_topic="w/now",
        power_command_topic="w/power",
        temperature_unit="F",
        min_temp=100,
        value_template="{{ value_json.v }}",
    )
    features = WaterHeaterFeature.TARGET_TEMPERATURE | WaterHeaterFeature.OPERATION_MODE | WaterHeaterFeature.ON_OFF
    known = home.attributes()
    assert known["supported_features"] == features
    assert (known["min_temp"], known["max_temp"], known["operation_list"]) == (37.8, 60.0, ["off", "eco"])
    for topic, value in (("w/mode", "eco"), ("w/mode", "gas"), ("w/target", 122), ("w/now", 104), ("w/now", "hot")):
        await home.send(topic, {"v": value})
    assert home.state() == "eco"
    assert {key: home.attributes()[key] for key in ("temperature", "current_temperature", "operation_mode")} == {
        "temperature": 50.0,
        "current_temperature": 40.0,
        "operation_mode": "eco",
    }
    sent = await home.act("water_heater.set_temperature", temperature=60, operation_mode="off")
    assert payloads(sent) == [("w/mode/set", "off"), ("w/target/set", "140.0")]
    assert payloads(await home.act("water_heater.turn_on")) == [("w/power", "ON")]


async def test_a_silent_water_heater_is_assumed_to_obey(home: DiscoveredHome) -> None:
    await home.announce(
        "water_heater", name="W", mode_command_topic="w/mode", temperature_command_topic="w/target", initial=45
    )
    assert (home.state(), home.attributes()["temperature"]) == ("off", 45.0)
    await home.act("water_heater.set_operation_mode", operation_mode="eco")
    await home.act("water_heater.set_temperature", temperature=50)
    assert (home.state(), home.attributes()["temperature"]) == ("eco", 50)


async def test_a_siren_sounds_with_tone_volume_and_duration(home: DiscoveredHome) -> None:
    await home.announce("siren", name="S", state_topic="s", command_topic="s/set", available_tones=["ping", "wail"])
    assert home.attributes()["supported_features"] == 31
    sent = await home.act("siren.turn_on", tone="wail", volume_level=0.5, duration=10)
    assert payloads(sent) == [("s/set", '{"state":"ON","duration":10,"tone":"wail","volume_level":0.5}')]
    assert home.state() == "unknown"
    assert payloads(await home.act("siren.turn_off")) == [("s/set", '{"state":"OFF"}')]
    with pytest.raises(InvalidInput, match="Expected a tone of ping, wail"):
        await home.act("siren.turn_on", tone="sing")


async def test_a_siren_says_what_it_does_in_a_word_or_an_object(home: DiscoveredHome) -> None:
    await home.announce("siren", name="S", state_topic="s", command_topic="s/set", available_tones=["ping"])
    assert await states_after(home, "s", "ON", "loud", {"state": "OFF", "tone": "ping", "volume_level": 0.3}, "{}") == [
        "on",
        "on",
        "off",
        "off",
    ]
    assert (home.attributes()["tone"], home.attributes()["volume_level"]) == ("ping", 0.3)
    await home.send("s", {"state": "ON", "volume_level": 7})
    assert (home.state(), home.attributes()["volume_level"]) == ("on", 0.3)


async def test_a_silent_siren_with_numbered_tones_is_assumed_to_obey(home: DiscoveredHome) -> None:
    await home.announce(
        "siren",
        name="S",
        command_topic="s/set",
        available_tones={"1": "ping", "2": "wail"},
        command_template="{{ state }} {{ tone }}",
        command_off_template="quiet",
        support_duration=False,
        support_volume_set=False,
    )
    features = SirenFeature.TURN_ON | SirenFeature.TURN_OFF | SirenFeature.TONES
    assert (home.state(), home.attributes()["supported_features"]) == ("off", features)
    assert payloads(await home.act("siren.turn_on", tone="wail", duration=5)) == [("s/set", "ON 2")]
    assert (home.state(), home.attributes()["tone"]) == ("on", "2")
    assert "duration" not in home.attributes()
    assert payloads(await home.act("siren.toggle")) == [("s/set", "quiet")]
    assert home.state() == "off"
