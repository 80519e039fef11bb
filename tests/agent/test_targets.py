from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.reconcile import Said
from hub.agent.targets import Finder, Problem
from hub.agent.tools import TOOLS
from tests.agent.homes import BEDROOM, HOME, KITCHEN, LIVING, thing

TABLE: list[tuple[Call, Place | None, Sequence[str] | Problem]] = [
    (Call(tool="on", name="sofa lamp"), None, ["light.sofa"]),
    (Call(tool="on", name="厨 房 灯"), None, ["light.kitchen"]),
    (Call(tool="on", name="no such lamp"), None, Problem.UNKNOWN),
    (Call(tool="on", name="front door"), None, Problem.UNFIT),
    (Call(tool="lock", name="sofa lamp"), None, Problem.UNFIT),
    (Call(tool="off", type="light", all=True), None, ["light.sofa", "light.ceiling", "light.kitchen", "light.bed"]),
    (Call(tool="off", type="light", area="living room"), None, ["light.sofa", "light.ceiling"]),
    (Call(tool="off", type="light", floor="upstairs"), None, ["light.bed"]),
    (
        Call(tool="off", type="light", all=True, without="kitchen light"),
        None,
        ["light.sofa", "light.ceiling", "light.bed"],
    ),
    (Call(tool="off", type="light", all=True, without="living room"), None, ["light.kitchen", "light.bed"]),
    (Call(tool="off", type="light", area="garden"), None, Problem.UNKNOWN),
    (Call(tool="off", type="light"), LIVING, ["light.sofa", "light.ceiling"]),
    (Call(tool="off", type="light"), None, Problem.WHICH),
    (Call(tool="open", type="curtain"), None, ["cover.curtain"]),
    (Call(tool="close", type="cover"), BEDROOM, ["cover.curtain"]),
    (Call(tool="close", type="door"), None, ["cover.garage"]),
    (Call(tool="unlock", type="lock"), None, Problem.WHICH),
    (Call(tool="unlock", type="lock"), KITCHEN, ["lock.back"]),
    (Call(tool="temperature", value=21), None, ["climate.hall"]),
    (Call(tool="temperature", area="bedroom", value=21), None, Problem.UNKNOWN),
    (Call(tool="dock", type="vacuum"), None, Problem.UNKNOWN),
]


def fits(tool: str, thing: Thing) -> bool:
    return tool not in TOOLS or TOOLS[tool].fits(thing)


@pytest.mark.parametrize(("call", "here", "expected"), TABLE, ids=str)
def test_finds_what_a_call_means(call: Call, here: Place | None, expected: Sequence[str] | Problem) -> None:
    found = Finder(home=HOME, here=here).find(call, lambda thing: fits(call.tool, thing))

    assert (found.problem or [thing.entity_id for thing in found.things]) == expected


def test_of_two_of_one_name_the_area_decides_then_what_is_here_then_what_is_active() -> None:
    twins = Home(things=(thing("light.a", "Lamp", "kitchen"), thing("light.b", "Lamp", "bedroom")), areas=HOME.areas)

    def found(call: Call, **values: object) -> list[str]:
        finder = Finder(home=twins, **values)  # type: ignore[arg-type]
        return [thing.entity_id for thing in finder.find(call, lambda _: True).things]

    assert found(Call(tool="on", name="lamp", area="bedroom")) == ["light.b"]
    assert found(Call(tool="on", name="lamp"), here=KITCHEN) == ["light.a"]
    assert found(Call(tool="on", name="lamp"), active=lambda thing: thing.entity_id == "light.b") == ["light.b"]
    assert found(Call(tool="on", name="lamp")) == []


NARROWED: list[tuple[str, Call, Call]] = [
    ("close the bedroom curtain", Call(tool="close", type="curtain"), Call(tool="close", name="bedroom curtain")),
    ("lights off upstairs", Call(tool="off", type="light", all=True), Call(tool="off", type="light", floor="upstairs")),
    (
        "all kitchen lights off",
        Call(tool="off", type="light", all=True),
        Call(tool="off", type="light", area="kitchen"),
    ),
    ("turn all lights off", Call(tool="off", type="light"), Call(tool="off", type="light", all=True)),
    ("关 闭 所 有 灯", Call(tool="off", type="light"), Call(tool="off", type="light", all=True)),
    (
        "lights off in this room",
        Call(tool="off", type="light", all=True),
        Call(tool="off", type="light", area="bedroom"),
    ),
    ("turn on the light", Call(tool="on", type="light"), Call(tool="on", type="light")),
    ("turn on the sofa lamp", Call(tool="on", name="kitchen light"), Call(tool="on", name="kitchen light")),
    ("front door and sofa lamp", Call(tool="on", type="light"), Call(tool="on", name="sofa lamp")),
    (
        "dim the sofa lamp by 10 %",
        Call(tool="brightness", name="sofa lamp", value=10),
        Call(tool="darker", name="sofa lamp", value=10),
    ),
    (
        "dim the sofa lamp to 10 %",
        Call(tool="brightness", name="sofa lamp", value=10),
        Call(tool="brightness", name="sofa lamp", value=10),
    ),
    ("increase the temperature by 2 degrees", Call(tool="temperature", value=2), Call(tool="warmer", value=2)),
    ("温 度 调 低 2 度", Call(tool="temperature", value=2), Call(tool="cooler", value=2)),
    ("温 度 调 低 到 18 度", Call(tool="temperature", value=18), Call(tool="temperature", value=18)),
    (
        "客 厅 灯 亮 度 50 %",
        Call(tool="brightness", area="living room", value=50),
        Call(tool="brightness", area="living room", value=50),
    ),
    ("what time is it in the kitchen", Call(tool="time"), Call(tool="time")),
]


@pytest.mark.parametrize(("utterance", "call", "expected"), NARROWED, ids=[row[0] for row in NARROWED])
def test_what_was_said_is_not_ignored(utterance: str, call: Call, expected: Call) -> None:
    assert Said(utterance=utterance, home=HOME, here=BEDROOM, fits=fits).narrow(call) == expected
