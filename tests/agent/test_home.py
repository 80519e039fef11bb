from __future__ import annotations

from hub.agent.home import LONGEST_NAME, Home, survey
from hub.agent.prompt import build
from hub.agent.retrieval import MOST, retrieve
from hub.agent.sentences import split
from tests.agent.conftest import FixtureHome
from tests.agent.homes import BEDROOM, HOME, KITCHEN, place, thing


async def everything(home: FixtureHome) -> Home:
    return await survey(home.registries, lambda _: True)


async def test_things_have_their_names_and_places(home: FixtureHome) -> None:
    door = (await everything(home)).named("前 门")[0]

    assert (door.entity_id, door.kind, door.name) == ("lock.front_door", "lock", "Front Door")
    assert door.names == ("front door", "前 门")
    assert (door.area_id, door.floor_id) == ("hall", "ground_floor")


async def test_upstairs_is_every_floor_above_the_ground(home: FixtureHome) -> None:
    home.registries.floors.create("Attic", level=2)
    home.registries.floors.create("Cellar", level=-1)
    floors = {name: floor.ids for floor in (await everything(home)).floors for name in floor.names}

    assert floors["upstairs"] == floors["楼 上"] == {"first_floor", "attic"}
    assert floors["downstairs"] == floors["楼 下"] == floors["一 楼"] == {"ground_floor"}
    assert floors["二 楼"] == {"first_floor"}
    assert floors["basement"] == floors["地 下 室"] == {"cellar"}


async def test_a_home_that_counts_its_ground_floor_as_one_has_an_upstairs_too(home: FixtureHome) -> None:
    for floor in list(home.registries.floors):
        home.registries.floors.update(floor.floor_id, level=(floor.level or 0) + 1)
    floors = {name: floor.ids for floor in (await everything(home)).floors for name in floor.names}

    assert floors["upstairs"] == {"first_floor"}
    assert floors["downstairs"] == {"ground_floor"}


async def test_a_floor_that_is_called_upstairs_is_the_one_meant(home: FixtureHome) -> None:
    home.registries.floors.create("Upstairs", level=None)
    floors = [floor for floor in (await everything(home)).floors if "upstairs" in floor.names]

    assert [floor.ids for floor in floors] == [frozenset({"upstairs"})]


async def test_hidden_disabled_technical_and_nameless_things_are_left_out(home: FixtureHome) -> None:
    before = len((await everything(home)).things)
    home.add("light", "Hidden", hidden_by="user")
    home.add("light", "Disabled", disabled_by="user")
    home.add("sensor", "Uptime", entity_category="diagnostic")
    home.add("light", "！？")
    home.add("light", "x " * LONGEST_NAME)

    assert len((await everything(home)).things) == before


async def test_a_thing_without_a_name_in_words_keeps_its_alias(home: FixtureHome) -> None:
    entity_id = home.add("light", "★★", aliases=("Star",))

    assert [thing.entity_id for thing in (await everything(home)).named("star")] == [entity_id]


def test_the_prompt_is_as_the_model_was_taught() -> None:
    lobby, studio = place("Lobby"), place("Art Studio")
    home = Home(
        things=(
            thing("light.strings", "Lobby String Lights 9", "lobby"),
            thing("lock.back", "Lobby Back Door", "lobby"),
            thing("climate.heater", "Heater", "art_studio"),
        ),
        areas=(lobby, studio),
    )
    utterance = "turn on the lobby string lights"

    assert build(utterance, retrieve(utterance, home, studio)) == (
        "here: art studio\nareas: lobby\nlight: lobby string lights 9\n"
        "lock: lobby back door\n> turn on the lobby string lights\n="
    )


def test_what_was_said_literally_comes_first() -> None:
    for utterance, entity_id in {
        "turn on the sofa lamp": "light.sofa",
        "把 卧 室 灯 打 开": "light.bed",
        "lock the back door": "lock.back",
        "switch the lamp in the bedroom on": "light.bed",
        "pause the tv": "media_player.tv",
    }.items():
        assert retrieve(utterance, HOME).listed[0].thing.entity_id == entity_id


def test_a_thing_is_listed_under_the_name_that_was_said() -> None:
    assert retrieve("打 开 前 门", HOME).listed[0].name == "前 门"
    assert retrieve("open the front door", HOME).listed[0].name == "front door"


def test_at_most_ten_things_are_shown_and_none_for_small_talk() -> None:
    crowd = Home(things=tuple(thing(f"light.l_{i}", f"Lamp {i}") for i in range(50)))

    assert len(retrieve("turn all lights on", crowd).listed) == MOST
    assert retrieve("tell me a story", HOME).listed == ()


def test_what_is_here_goes_before_what_is_elsewhere() -> None:
    assert retrieve("turn the light on", HOME, KITCHEN).listed[0].thing.entity_id == "light.kitchen"
    assert retrieve("turn the light on", HOME, BEDROOM).listed[0].thing.entity_id == "light.bed"


def test_a_sentence_is_split_only_between_commands() -> None:
    assert split("turn off the lights and lock the door", HOME) == ("turn off the lights", "lock the door")
    assert split("关灯，然后锁上前门", HOME) == ("关灯", "锁上前门")
    assert split("open the blinds, close the door, then play music", HOME) == (
        "open the blinds",
        "close the door",
        "play music",
    )
    for whole in ("turn off the kitchen and bedroom lights", "turn on the lights", "set it to 20.5, please", ""):
        assert split(whole, HOME) == ()


def test_a_sentence_is_never_split_within_a_name() -> None:
    home = Home(things=(thing("light.duo", "Turn and Open"),))
    assert split("open the turn and open and close the door", home) == ()
