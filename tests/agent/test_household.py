"""What people say to vacuums, alarms, humidifiers and the weather, in both languages, without the model."""

from __future__ import annotations

from typing import Any

import pytest

from hub.agent import CommandAgent
from hub.errors import ModelUnavailable
from hub.inference import ScriptedBackend
from tests.agent.conftest import FixtureHome, say


@pytest.fixture
def agent(home: FixtureHome) -> CommandAgent:
    home.add("vacuum", "Rover", "living_room", "docked", aliases=("小扫",))
    home.add("lawn_mower", "Mo", None, "docked", aliases=("割草侠",))
    home.add("valve", "Garden Valve", None, "closed", device_class="water", aliases=("花园阀门",))
    home.add("alarm_control_panel", "House Alarm", "hall", "disarmed", aliases=("家庭警报",))
    moist = {"min_humidity": 30, "max_humidity": 80, "available_modes": ["sleep", "auto"]}
    home.add("humidifier", "Mist", "bedroom", "on", attributes=moist, aliases=("加湿器",))
    sky = {"temperature": 21.6, "temperature_unit": "°C"}
    home.add("weather", "Berlin", None, "partlycloudy", attributes=sky, aliases=("柏林",))
    home.add("person", "Ada", None, "Work", aliases=("小艾",))
    home.add("person", "Joseph", None, "home")
    home.add("zone", "Home", None, "1")
    return home.agent(ScriptedBackend([(".", ModelUnavailable("There is none"))]))


DONE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("start rover", "vacuum.start", "vacuum.rover", {}),
    ("小扫开始打扫", "vacuum.start", "vacuum.rover", {}),
    ("return rover to base", "vacuum.return_to_base", "vacuum.rover", {}),
    ("start mo", "lawn_mower.start_mowing", "lawn_mower.mo", {}),
    ("dock the lawn mower", "lawn_mower.dock", "lawn_mower.mo", {}),
    ("启动割草侠", "lawn_mower.start_mowing", "lawn_mower.mo", {}),
    ("open the garden valve", "valve.open_valve", "valve.garden_valve", {}),
    ("set garden valve to 40", "valve.set_valve_position", "valve.garden_valve", {"position": 40}),
    ("设置花园阀门到40", "valve.set_valve_position", "valve.garden_valve", {"position": 40}),
    ("set the ceiling fan to 60%", "fan.set_percentage", "fan.ceiling_fan", {"percentage": 60}),
    ("turn on rover", "vacuum.start", "vacuum.rover", {}),
    ("关闭加湿器", "humidifier.turn_off", "humidifier.mist", {}),
    ("turn off mist", "humidifier.turn_off", "humidifier.mist", {}),
    ("set mist to 55%", "humidifier.set_humidity", "humidifier.mist", {"humidity": 55}),
    ("把加湿器调到55%", "humidifier.set_humidity", "humidifier.mist", {"humidity": 55}),
    ("set mist to sleep mode", "humidifier.set_mode", "humidifier.mist", {"mode": "sleep"}),
    ("加湿器切换到自动模式", "humidifier.set_mode", "humidifier.mist", {"mode": "auto"}),
    ("arm the alarm", "alarm_control_panel.alarm_arm_away", "alarm_control_panel.house_alarm", {}),
    ("arm the house alarm for the night", "alarm_control_panel.alarm_arm_night", "alarm_control_panel.house_alarm", {}),
    ("在家布防", "alarm_control_panel.alarm_arm_home", "alarm_control_panel.house_alarm", {}),
    ("disarm the house alarm", "alarm_control_panel.alarm_disarm", "alarm_control_panel.house_alarm", {}),
    ("解除家庭警报", "alarm_control_panel.alarm_disarm", "alarm_control_panel.house_alarm", {}),
]


@pytest.mark.parametrize(("text", "action", "entity_id", "data"), DONE, ids=[row[0] for row in DONE])
async def test_a_known_sentence_is_carried_out(
    home: FixtureHome, agent: CommandAgent, text: str, action: str, entity_id: str, data: dict[str, Any]
) -> None:
    decision = await say(agent, text)

    assert home.devices.calls == [(action, entity_id, data)], decision.answer
    assert decision.source == "matcher"


ANSWERED = [
    ("what's the weather", "Berlin is partly cloudy, 21.6 °C."),
    ("what's the weather like in berlin", "Berlin is partly cloudy, 21.6 °C."),
    ("天气怎么样", "柏林多云，21.6°C。"),
    ("where is ada", "Ada is at Work."),
    ("is ada at home", "No, Ada is at Work."),
    ("who is at home", "Joseph."),
    ("set mist to 95%", "I can only set that from 30 to 80."),
    ("turn off the desk lamp in 10 minutes", "I only do things at once, not later or on a condition."),
    ("set a timer for 5 minutes", "There is no timer yet."),
]


@pytest.mark.parametrize(("text", "answer"), ANSWERED, ids=[row[0] for row in ANSWERED])
async def test_a_question_is_answered_and_the_impossible_declined(
    home: FixtureHome, agent: CommandAgent, text: str, answer: str
) -> None:
    decision = await say(agent, text)

    assert decision.answer.startswith(answer)
    assert home.done == []


async def test_which_alarm_is_meant_is_asked(home: FixtureHome, agent: CommandAgent) -> None:
    home.add("alarm_control_panel", "Shed", None, "armed_away")
    decision = await say(agent, "disarm the alarm")

    assert decision.answer == "Which one do you mean: House Alarm or Shed?"
    assert home.done == []


async def test_a_gas_valve_is_opened_where_that_is_surely_meant(home: FixtureHome, agent: CommandAgent) -> None:
    gas = home.add("valve", "Gas Valve", "kitchen", "closed", device_class="gas")
    decision = await say(agent, "set gas valve to 100")
    assert decision.answer == "I unlock, open and disarm only what is surely meant. Do you mean Gas Valve?"
    assert home.done == []

    await say(agent, "open the gas valve")
    assert home.done == [("valve.open_valve", gas)]


async def test_stop_alone_is_not_about_a_mower_that_nobody_has(home: FixtureHome) -> None:
    agent = home.agent(ScriptedBackend([(".", '[{"tool":"none"}]')]))
    assert (await say(agent, "停止")).source == "model"
