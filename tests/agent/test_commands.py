from __future__ import annotations

import pytest

from hub.agent import CommandAgent
from hub.core.callers import Caller, Capability
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.state import UNAVAILABLE
from hub.errors import InvalidInput, ModelUnavailable
from hub.inference import LocalBackend, ScriptedBackend
from tests.agent.conftest import USER, FixtureHome, limited, say

UPSTAIRS = ["light.bedroom_lamp", "light.mirror_light", "light.desk_lamp"]
EVERY_LIGHT = [
    "light.ceiling_light", "light.floor_lamp", "light.kitchen_light", "light.hall_light", *UPSTAIRS
]  # fmt: skip

COMMANDS: dict[str, list[tuple[str, str]]] = {
    "turn off all the lights upstairs": [("light.turn_off", id_) for id_ in UPSTAIRS],
    "把楼上的灯都关掉": [("light.turn_off", id_) for id_ in UPSTAIRS],
    "关掉二楼的灯": [("light.turn_off", id_) for id_ in UPSTAIRS],
    "turn off the first floor lights": [("light.turn_off", id_) for id_ in UPSTAIRS],
    "关闭所有灯": [("light.turn_off", id_) for id_ in EVERY_LIGHT],
    "turn on the desk lamp": [("light.turn_on", "light.desk_lamp")],
    "把客厅的灯打开": [("light.turn_on", "light.ceiling_light"), ("light.turn_on", "light.floor_lamp")],
    "turn on the coffee machine": [("switch.turn_on", "switch.coffee_machine")],
    "make it warmer": [("climate.set_temperature", "climate.thermostat")],
    "空调调到24度": [("climate.set_temperature", "climate.thermostat")],
    "把卧室窗帘打开": [("cover.open_cover", "cover.bedroom_curtain")],
    "open bedroom curtain to 40 percent": [("cover.set_cover_position", "cover.bedroom_curtain")],
    "make the desk lamp blue": [("light.turn_on", "light.desk_lamp")],
    "pause the music": [("media_player.media_pause", "media_player.speaker")],
    "暂停音乐": [("media_player.media_pause", "media_player.speaker")],
    "unlock the front door": [("lock.unlock", "lock.front_door")],
    "lock the back door and turn off the kitchen light": [
        ("lock.lock", "lock.back_door"),
        ("light.turn_off", "light.kitchen_light"),
    ],
    "turn the fan on and open the bedroom curtain": [
        ("fan.turn_on", "fan.ceiling_fan"),
        ("cover.open_cover", "cover.bedroom_curtain"),
    ],
    "tell me a joke": [],
    "don't turn on the desk lamp": [],
    "turn on the desk lamp in ten minutes": [],
    "unlock all doors": [],
    "turn on the lights": [],
    "is the front door locked": [],
}


@pytest.mark.parametrize("source", ["auto", "model"])
async def test_sentences_in_both_languages_reach_the_devices(
    home: FixtureHome, agent: CommandAgent, source: str
) -> None:
    wrong = {}
    for text, expected in COMMANDS.items():
        home.devices.calls.clear()
        decision = await say(agent, text, source=source)
        if home.done != expected:
            wrong[text] = (home.done, decision.answer, decision.raw)
    assert not wrong


async def test_a_decision_tells_everything_about_itself(home: FixtureHome, agent: CommandAgent) -> None:
    decision = await say(agent, "把楼上的灯都关掉", source="model")

    assert decision.question == "把楼上的灯都关掉"
    assert (decision.source, decision.model) == ("model", "home-6m-q8_0")
    assert decision.prompt.endswith("> 把 楼 上 的 灯 都 关 掉\n=")
    assert decision.raw == '[{"tool":"off","type":"light","floor":" 楼 上"}]'
    assert decision.options[0].name == "off"
    assert decision.options[0].probability > 0.9
    assert 0.5 < decision.confidence <= 1.0
    assert decision.confidence_reason.startswith(("很有把握", "比较有把握"))
    assert decision.prompt_tokens > 20
    assert decision.output_tokens > 5
    (call,) = decision.calls
    assert (call.action, call.outcome, list(call.entities)) == ("light.turn_off", "accepted", UPSTAIRS)
    assert call.target == {"entity_id": UPSTAIRS}
    assert decision.answer == "已关闭Bedroom Lamp、Mirror Light和Desk Lamp。"


async def test_known_sentences_need_no_model(home: FixtureHome) -> None:
    agent = home.agent(ScriptedBackend([(".", ModelUnavailable("There is none"))]))

    decision = await say(agent, "turn off all the lights upstairs")
    assert (decision.source, decision.model, decision.confidence) == ("matcher", None, 1.0)
    assert [id_ for _, id_ in home.done] == UPSTAIRS
    with pytest.raises(ModelUnavailable):
        await say(agent, "would you kindly darken everything above")


async def test_each_of_several_commands_is_read_before_all_of_them_as_one(home: FixtureHome) -> None:
    agent = home.agent(ScriptedBackend([(".", ModelUnavailable("There is none"))]))
    decision = await say(agent, "add milk to my shopping list and turn on the desk lamp")

    assert home.done == [("light.turn_on", "light.desk_lamp")]
    assert decision.answer == "There is no to-do list yet. One can be made in the dashboard. Turned on Desk Lamp."


async def test_an_automations_agent_is_the_model(home: FixtureHome, model: LocalBackend) -> None:
    everything = limited(Capability())
    decision = await say(home.agent(model), "turn on the desk lamp", everything)

    assert decision.source == "model"
    assert home.done == [("light.turn_on", "light.desk_lamp")]


async def test_what_a_caller_may_not_touch_is_not_even_in_the_prompt(home: FixtureHome, model: LocalBackend) -> None:
    study = limited(Capability(action="light.*", areas=("study",)))
    decision = await say(home.agent(model), "turn off all the lights", study)

    assert home.done == [("light.turn_off", "light.desk_lamp")]
    assert "light: desk lamp" in decision.prompt
    for name in ("kitchen light", "front door", "bedroom", "thermostat"):
        assert name not in decision.prompt
    await say(home.agent(model), "unlock the front door", study)
    assert len(home.done) == 1


async def test_an_action_that_was_not_granted_is_refused_and_not_claimed(
    home: FixtureHome, model: LocalBackend
) -> None:
    only_off = limited(Capability(action="light.turn_off"))
    decision = await say(home.agent(model), "turn on the desk lamp", only_off)

    assert home.done == []
    assert decision.calls[0].outcome == "refused"
    assert decision.answer.startswith("You may not do that to Desk Lamp")


async def test_below_the_threshold_nothing_is_done(home: FixtureHome, agent: CommandAgent) -> None:
    decision = await say(agent, "把卧室窗帘打开", source="model", threshold=0.999)

    assert home.done == []
    assert (decision.calls[0].outcome, decision.answer) == ("ask", "我不确定该做什么，请换个说法。")


async def test_here_is_where_the_speaker_is(home: FixtureHome, agent: CommandAgent) -> None:
    for source in ("auto", "model"):
        home.devices.calls.clear()
        await say(agent, "turn off the light", area_id="kitchen", source=source)
        assert home.done == [("light.turn_off", "light.kitchen_light")]


async def test_questions_are_answered_from_the_states_and_change_nothing(
    home: FixtureHome, agent: CommandAgent
) -> None:
    for text, answer in {
        "is the back door locked": "No, Back Door is unlocked.",
        "which windows are open": "Study Window.",
        "有哪些窗户开着": "Study Window。",
        "how many lights are on": "7: Ceiling Light, Floor Lamp, Kitchen Light, Hall Light, Bedroom Lamp, Mirror Light and Desk Lamp.",
        "what is the temperature in the bedroom": "Bedroom Temperature is 21.5 °C.",
        "what is the temperature in the living room": "Thermostat is heating, at 19.5°, set to 20°.",
    }.items():
        decision = await say(agent, text)
        assert decision.answer == answer
        assert decision.calls[0].action == "hearth.state"
    assert home.done == []
    assert home.audit.entries == []


async def test_only_what_was_carried_out_is_claimed(home: FixtureHome, agent: CommandAgent) -> None:
    for lamp in UPSTAIRS:
        home.states.set(lamp, UNAVAILABLE, {}, context=Context("test"))
    decision = await say(agent, "turn off all the lights upstairs")

    assert home.done == []
    assert decision.calls[0].outcome == "failed"
    assert decision.answer.startswith("That did not work for Bedroom Lamp, Mirror Light and Desk Lamp")

    home.states.set("light.desk_lamp", "on", {}, context=Context("test"))
    decision = await say(agent, "turn off all the lights upstairs")
    assert decision.answer == "Turned off Desk Lamp."


async def test_every_action_is_audited_with_its_cause(home: FixtureHome, agent: CommandAgent) -> None:
    cause = Context("chat", user_id="u1")
    await agent.command("turn on the desk lamp", context=cause, caller=USER)

    (entry,) = home.audit.entries
    assert (entry.subject, entry.caller) == ("light.turn_on", "user:u1")
    assert entry.context_id != cause.id


async def test_the_time_and_the_date_come_from_the_clock(home: FixtureHome, agent: CommandAgent) -> None:
    assert isinstance(home.clock, SimulatedClock)
    assert (await say(agent, "what time is it")).answer == "It is 22:13."
    assert (await say(agent, "今天几号")).answer == "今天是2023年11月14日，星期二。"


@pytest.mark.parametrize("text", ["", "  ", "?!", "x" * 301])
async def test_what_is_no_command_is_refused(home: FixtureHome, text: str) -> None:
    with pytest.raises(InvalidInput, match="Expected a command"):
        await say(home.agent(ScriptedBackend()), text)


async def test_a_guest_may_look(home: FixtureHome, agent: CommandAgent) -> None:
    guest = Caller.user("guest")
    assert (await say(agent, "is the back door locked", guest)).answer == "No, Back Door is unlocked."


async def test_it_is_what_was_spoken_of_before(home: FixtureHome, agent: CommandAgent) -> None:
    decision = await agent.command(
        "turn on the bedroom light and dim it to 20 percent", context=Context("test"), caller=USER, language="en"
    )
    assert len(decision.calls) == 2
    assert decision.calls[0].target == decision.calls[1].target
    assert decision.calls[1].data == {"brightness_pct": 20}
