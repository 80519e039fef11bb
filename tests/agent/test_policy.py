from __future__ import annotations

from typing import Any

import pytest

from hub.agent.calls import Call
from hub.agent.confidence import EXACT, Confidence
from hub.agent.home import Home
from hub.agent.normalise import normalise
from hub.agent.planning import Planner, Proposal
from hub.agent.policy import Stance
from hub.agent.reading import Read
from hub.core.state import State
from hub.entities import action_table
from tests.agent.homes import HOME, thing

SURE = Confidence(tool=0.99, rest=0.95)
TABLE = action_table()


def no_state(entity_id: str) -> State | None:
    return None


def propose(text: str, call: Call, confidence: Confidence = SURE, *, home: Home = HOME, **values: Any) -> Proposal:
    planner = Planner(home=home, here=values.pop("here", None), state=no_state, table=TABLE, **values)
    return planner.propose(Read(call=call, confidence=confidence, utterance=normalise(text)))


CASES: list[tuple[str, Call, Confidence, str]] = [
    # what is said plainly is done
    ("turn on the sofa lamp", Call(tool="on", name="sofa lamp"), SURE, ""),
    ("lights off upstairs", Call(tool="off", type="light", floor="upstairs"), SURE, ""),
    ("lock the back door", Call(tool="lock", name="back door"), SURE, ""),
    ("set the sofa lamp to 30 %", Call(tool="brightness", name="sofa lamp", value=30), SURE, ""),
    ("dim the sofa lamp to half", Call(tool="brightness", name="sofa lamp", value=50), SURE, ""),
    ("open the bedroom curtain", Call(tool="open", name="bedroom curtain"), SURE, ""),
    # the tool fits the domain
    ("turn on the front door", Call(tool="on", name="front door"), SURE, "decline.unfit"),
    ("lock the sofa lamp", Call(tool="lock", name="sofa lamp"), SURE, "decline.unfit"),
    ("turn on the heater in the garden", Call(tool="on", type="climate", area="garden"), SURE, "decline.unknown"),
    # several and no place
    ("turn on the light", Call(tool="on", type="light"), SURE, "ask.which"),
    ("lock the door", Call(tool="lock", type="lock"), SURE, "ask.which"),
    # nothing of the name was said, and there are others of its kind
    ("turn on the piano lamp", Call(tool="on", name="sofa lamp"), SURE, ""),
    ("turn on the candle", Call(tool="on", name="ceiling light"), SURE, "ask.which"),
    ("turn on the telly", Call(tool="on", name="tv"), SURE, ""),
    # another thing is literally named
    ("turn on the kettle", Call(tool="on", name="sofa lamp"), SURE, "ask.which"),
    ("turn on the bedroom lamp", Call(tool="on", name="sofa lamp"), SURE, "ask.elsewhere"),
    # a place is named, and the thing is elsewhere
    ("turn on the lamp in the kitchen", Call(tool="on", name="sofa lamp"), SURE, "ask.elsewhere"),
    ("turn on the lamp upstairs", Call(tool="on", name="sofa lamp"), SURE, "ask.elsewhere"),
    # a number that nobody said
    ("set the sofa lamp to 30 %", Call(tool="brightness", name="sofa lamp", value=3), SURE, "ask.value"),
    ("set the lights here to 2700 k", Call(tool="brightness", name="sofa lamp", value=27), SURE, "ask.value"),
    ("set the thermostat to 500", Call(tool="temperature", name="thermostat", value=500), SURE, "value.range"),
    ("make the sofa lamp plaid", Call(tool="color", name="sofa lamp", color="plaid"), SURE, "value.color"),
    # not, not now, not always
    ("don't turn on the sofa lamp", Call(tool="on", name="sofa lamp"), SURE, "ask.negated"),
    ("never open the bedroom curtain", Call(tool="open", name="bedroom curtain"), SURE, "ask.negated"),
    ("不要打开卧室灯", Call(tool="on", name="卧 室 灯"), SURE, "ask.negated"),
    ("turn on the sofa lamp in ten minutes", Call(tool="on", name="sofa lamp"), SURE, "decline.later"),
    ("turn on the sofa lamp tomorrow", Call(tool="on", name="sofa lamp"), SURE, "decline.later"),
    ("turn on the sofa lamp if it is dark", Call(tool="on", name="sofa lamp"), SURE, "decline.later"),
    ("turn on the sofa lamp at 7", Call(tool="on", name="sofa lamp"), SURE, "decline.later"),
    ("turn on the sofa lamp at 7 pm", Call(tool="on", name="sofa lamp"), SURE, "decline.later"),
    ("晚上八点打开卧室灯", Call(tool="on", name="卧 室 灯"), SURE, "decline.later"),
    ("set the thermostat at 21", Call(tool="temperature", name="thermostat", value=21), SURE, ""),
    ("卧室灯亮一点", Call(tool="brighter", name="卧 室 灯"), SURE, ""),
    ("五分钟后打开卧室灯", Call(tool="on", name="卧 室 灯"), SURE, "decline.later"),
    # a guess
    ("sofa lamp", Call(tool="on", name="sofa lamp"), Confidence(tool=0.4), "ask.unsure"),
    ("sofa lamp", Call(tool="on", name="sofa lamp"), Confidence(tool=0.9, rest=0.2), "ask.unsure"),
    # what lets somebody in is said exactly, surely, and one at a time
    ("unlock the front door", Call(tool="unlock", name="front door"), SURE, ""),
    ("unlock the front door", Call(tool="unlock", name="front door"), EXACT, ""),
    ("打开前门的锁", Call(tool="unlock", name="前 门"), SURE, ""),
    ("unlock the front door", Call(tool="unlock", name="front door"), Confidence(tool=0.8), "ask.sensitive"),
    ("unlock the front door", Call(tool="unlock", name="front door"), Confidence(rest=0.6), "ask.sensitive"),
    ("let grandma in at the front door", Call(tool="unlock", name="front door"), SURE, "ask.sensitive"),
    ("unlock the door in the kitchen", Call(tool="unlock", type="lock", area="kitchen"), SURE, "ask.sensitive"),
    ("unlock the door", Call(tool="unlock", type="lock"), SURE, "ask.which"),
    ("unlock everything", Call(tool="unlock", type="lock", all=True), SURE, "ask.one_at_a_time"),
    ("open the garage", Call(tool="open", type="garage"), SURE, ""),
    ("i am home", Call(tool="open", type="garage"), SURE, "ask.sensitive"),
    ("open the garage door", Call(tool="position", name="garage door", value=100), SURE, ""),
    ("garage door to 100", Call(tool="position", name="garage door", value=100), SURE, "ask.sensitive"),
    # what there is nothing for
    ("set a timer", Call(tool="timer", seconds=60), SURE, "timer.none"),
    ("pause the timer", Call(tool="pause", type="timer"), SURE, "timer.none"),
    ("turn on the sofa lamp in five minutes", Call(tool="timer", seconds=300), SURE, "decline.later"),
    ("五分钟后关掉卧室灯", Call(tool="timer", seconds=300), SURE, "decline.later"),
    ("add milk", Call(tool="add", text="milk"), SURE, "decline.list"),
    ("play queen", Call(tool="search", text="queen"), SURE, "decline.search"),
    ("start the vacuum", Call(tool="start", type="vacuum"), SURE, "decline.unknown"),
    ("what is the weather", Call(tool="weather"), SURE, "decline.weather"),
]


@pytest.mark.parametrize(
    ("text", "call", "confidence", "key"), CASES, ids=[f"{row[0]} ({row[3] or 'act'})" for row in CASES]
)
def test_the_guards(text: str, call: Call, confidence: Confidence, key: str) -> None:
    proposal = propose(text, call, confidence)

    assert proposal.verdict.key == key
    assert (proposal.verdict.stance is Stance.ACT) is (key == "")
    if key == "":
        assert proposal.steps


def test_the_threshold_of_the_caller_counts_too() -> None:
    call = Call(tool="on", name="sofa lamp")

    assert propose("sofa lamp on", call, Confidence(tool=0.8), threshold=0.7).verdict.stance is Stance.ACT
    assert propose("sofa lamp on", call, Confidence(tool=0.8), threshold=0.9).verdict.key == "ask.unsure"


def test_a_word_in_a_name_is_no_objection() -> None:
    home = Home(things=(thing("light.n", "Never Off"), thing("light.s", "Sunset Lamp 7"), thing("light.x", "Lamp")))

    assert propose("turn on never off", Call(tool="on", name="never off"), home=home).verdict.key == ""
    assert propose("turn on the sunset lamp 7", Call(tool="on", name="sunset lamp 7"), home=home).verdict.key == ""
    bright = Call(tool="brightness", name="sunset lamp 7", value=50)
    assert propose("sunset lamp 7 to 50 %", bright, home=home).verdict.key == ""


def test_a_question_needs_no_permission_to_be_answered() -> None:
    for text, call in (
        ("is the front door not locked", Call(tool="state", name="front door", wanted="locked")),
        ("which lights are on", Call(tool="state", type="light", wanted="on")),
    ):
        assert propose(text, call).verdict.stance is Stance.ACT
    assert propose("hm", Call(tool="state", type="light"), Confidence(tool=0.3)).verdict.key == "ask.unsure"


DOOR = Home(
    things=(
        thing("binary_sensor.front", "Front door", "hall", device_class="door"),
        thing("lock.front", "Front door lock", "hall", "前门门锁"),
        thing("lock.back", "Back door lock", "kitchen"),
    )
)


@pytest.mark.parametrize(
    ("text", "call", "entity_id"),
    [
        ("lock the front door", Call(tool="lock", name="front door"), "lock.front"),
        ("unlock the front door", Call(tool="unlock", name="front door"), "lock.front"),
        ("is the front door locked", Call(tool="state", name="front door", wanted="locked"), "lock.front"),
        ("is the front door open", Call(tool="state", name="front door", wanted="open"), "binary_sensor.front"),
    ],
)
def test_a_door_is_its_lock_to_whoever_locks_it(text: str, call: Call, entity_id: str) -> None:
    proposal = propose(text, call, home=DOOR)
    assert proposal.verdict.stance is Stance.ACT
    assert [found.entity_id for found in proposal.targets.things] == [entity_id]


@pytest.mark.parametrize("name", ["front door lock", "back door lock"])
def test_unlocking_still_asks_where_the_door_was_not_named(name: str) -> None:
    proposal = propose("unlock the door", Call(tool="unlock", name=name), home=DOOR)
    assert proposal.verdict.stance is Stance.ASK
