"""The engine with the real model: what many requests at a time get, and what happens to each when there is no room."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hub.core.inference import Constraint, FinishReason, Priority, Sampling
from hub.errors import InferenceError, PromptTooLong
from hub.inference.engine.batch import Batch
from hub.inference.engine.context import Broken, Outcome
from hub.inference.engine.step import HALVED, TILE, Pace
from hub.inference.protocol import Ranked
from tests.inference.engine.bench import ANSWER, HELLO, HOME, Bench, bench, pieces

ENDLESS = Constraint.lark("start: /[ab]{1000}/")
LONG = HOME + "sensor.temperature is 21 degrees and the door is closed\n" * 8


class Slow(Pace):
    """A machine that computes few rows in the time that a step may take while others write."""

    def __init__(self) -> None:
        super().__init__()
        self._rate = 100.0

    def took(self, rows: int, seconds: float) -> None:
        """Stay as it is."""


@pytest.fixture
def at_work() -> Iterator[Bench]:
    with bench(sequences=8) as made:
        yield made


def test_answers_as_the_model_does(at_work: Bench) -> None:
    number = at_work.ask()
    at_work.run()
    assert at_work.text(number) == ANSWER
    assert at_work.deltas(number)[-1].finish is FinishReason.STOP
    usage = at_work.usage(number)
    assert (usage.prompt_tokens, usage.cached_tokens, usage.output_tokens) == (4, 0, 5)
    assert 0 <= usage.waited <= usage.first <= usage.duration


def test_what_many_get_together_is_what_each_gets_alone(at_work: Bench) -> None:
    prompts = [
        f"> turn {state} the {place} light\n=" for state in ("on", "off") for place in ("kitchen", "hall", "bath")
    ]
    options = [{"candidates": 3}, {"candidates": 3, "constraint": Constraint.regex(r"\[\{[a-z\":,_ {}.]{4,60}\]")}]
    together = [at_work.ask(prompt, **extra) for prompt in prompts for extra in options]  # type: ignore[arg-type]
    at_work.run()
    for number, (prompt, extra) in zip(together, ((p, e) for p in prompts for e in options), strict=True):
        with bench() as alone:
            other = alone.ask(prompt, **extra)  # type: ignore[arg-type]
            alone.run()
            first, second = at_work.tokens(number)[0], alone.tokens(other)[0]
            assert math.isclose(first.log_probability, second.log_probability, abs_tol=0.05)
            assert math.isclose(first.outside, second.outside, abs_tol=0.05)


def test_a_beginning_that_many_share_is_computed_once(at_work: Bench) -> None:
    shared = len(at_work.intake._vocabulary.tokenise(HOME))
    numbers = [at_work.ask(pieces(HOME, f"> hello {word}\n="), shared=1, max_tokens=4) for word in "abcdef"]
    at_work.run()
    assert sum(at_work.rows) < shared + 6 * 20
    assert [at_work.usage(number).cached_tokens >= shared - 2 for number in numbers] == [False, *[True] * 5]
    again = at_work.ask(pieces(HOME, HELLO), shared=1)
    at_work.run()
    assert at_work.usage(again).cached_tokens >= shared - 2


def test_those_who_wait_for_a_shared_beginning_go_on_when_its_maker_is_cancelled(at_work: Bench) -> None:
    numbers = [at_work.ask(pieces(LONG, f"> hello {word}\n="), max_tokens=4) for word in "abc"]
    at_work.engine.context.batch_size = at_work.engine._builder.batch.size = 64
    at_work.step()
    at_work.engine.cancel(numbers[0])
    at_work.run()
    assert "cancelled" in at_work.failure(numbers[0]).reason
    assert all(at_work.deltas(number)[-1].finish for number in numbers[1:])
    assert at_work.usage(numbers[1]).cached_tokens > 64


def test_the_next_turn_of_a_chat_begins_where_the_last_one_ended(at_work: Bench) -> None:
    first = at_work.ask(HOME + HELLO, priority=Priority.CHAT)
    at_work.run()
    second = at_work.ask(HOME + HELLO + at_work.text(first) + "\n> what?\n=", priority=Priority.CHAT)
    at_work.run()
    known = at_work.usage(first)
    assert at_work.usage(second).cached_tokens >= known.prompt_tokens + known.output_tokens - 2


def test_finished_answers_take_only_so_many_cells_the_latest_aside(at_work: Bench) -> None:
    prefixes, cells = at_work.engine.prefixes, at_work.engine.sequences.cells
    prefixes._idle_cells = 60
    for word in ("kitchen", "cellar", "bathroom", "garage"):
        at_work.ask(
            f"{word} lights, please: a and b and c\n=", priority=Priority.CHAT, constraint=ENDLESS, max_tokens=20
        )
        at_work.run()
        assert sum(cells.own(sequence.tip) for sequence in prefixes.idle) <= 60
    assert 0 < len(prefixes.idle) < 4
    at_work.ask(LONG, priority=Priority.CHAT, max_tokens=2)
    at_work.run()
    assert [sequence.known.size > 60 for sequence in prefixes.idle] == [True]


def test_forced_tokens_are_written_without_the_model(at_work: Bench) -> None:
    number = at_work.ask(constraint=Constraint.lark('start: "[" ("light" | "sofa") ".kitchen is not at home today]"'))
    alone = at_work.ask(constraint=Constraint.choice(ANSWER))
    at_work.run()
    assert at_work.text(number).endswith(".kitchen is not at home today]")
    assert at_work.text(alone) == ANSWER
    assert at_work.usage(number).output_tokens > 3 * len(at_work.rows)


def test_an_answer_ends_at_its_limit_and_before_a_stop(at_work: Bench) -> None:
    short = at_work.ask(constraint=ENDLESS, max_tokens=7)
    stopped = at_work.ask(stop=("non",), candidates=1)
    at_work.run()
    assert at_work.deltas(short)[-1].finish is FinishReason.LENGTH
    assert at_work.usage(short).output_tokens == 7
    assert at_work.deltas(stopped)[-1].finish is FinishReason.STOP
    assert at_work.text(stopped) == '[{"tool":"'
    assert "".join(token.text for token in at_work.tokens(stopped)) == '[{"tool":"'


def test_several_answers_may_be_written_in_halves_that_take_turns(at_work: Bench) -> None:
    at_work.engine._builder.halved = HALVED
    numbers = [at_work.ask(f"{word} a\n=", constraint=ENDLESS, max_tokens=9, candidates=1) for word in "abcdefgh"]
    at_work.step(11)
    assert at_work.rows[-4:] == [4, 4, 4, 4]
    written = [len(at_work.tokens(number)) for number in numbers]
    assert max(written) - min(written) <= 1 <= min(written)
    at_work.run()
    assert [at_work.usage(number).output_tokens for number in numbers] == [9] * 8


def test_who_writes_waits_for_a_step_that_ends_more_prompts(at_work: Bench) -> None:
    first = at_work.ask(constraint=ENDLESS, max_tokens=30)
    at_work.step(2)
    prompts = [f"> turn on the light in room {word}, please\n=" for word in "abcdef"]
    others = [at_work.ask(prompt, max_tokens=2, candidates=1) for prompt in prompts]
    at_work.engine._builder.pace = Slow()
    at_work.step()
    assert at_work.rows[-1] > 3 * TILE
    assert [len(at_work.tokens(number)) for number in others] == [1] * 6
    at_work.run()
    assert at_work.usage(first).output_tokens == 30


def test_a_long_prompt_leaves_time_for_who_writes_in_steps_of_whole_tiles(at_work: Bench) -> None:
    at_work.ask(constraint=ENDLESS, max_tokens=30)
    at_work.step(2)
    at_work.engine._builder.pace = Slow()
    at_work.ask(LONG, max_tokens=2)
    at_work.step(2)
    assert at_work.rows[-2:] == [3 * TILE, 3 * TILE]


def test_a_seed_draws_the_same_again(at_work: Bench) -> None:
    hot = Sampling(temperature=2.0, seed=7)
    first = at_work.ask(sampling=hot, max_tokens=12)
    at_work.run()
    second = at_work.ask(sampling=hot, max_tokens=12)
    at_work.run()
    assert at_work.tokens(first) == at_work.tokens(second)


def test_a_decision_ranks_what_the_model_would_say(at_work: Bench) -> None:
    number = at_work.decide('[{"tool":"light"}]', ANSWER, '[{"tool":"none"}', "not at all")
    at_work.run()
    event = at_work.events[number][-1]
    assert isinstance(event, Ranked)
    assert event.ranking.best.text == ANSWER
    assert event.ranking.best.unmasked > 0.9
    assert math.isclose(sum(option.probability for option in event.ranking.options), 1, abs_tol=1e-6)
    assert event.ranking.outside < 0.1


def test_a_decision_among_many_takes_as_many_batches_as_it_has_room_for(at_work: Bench) -> None:
    options = [
        f"{domain}.{place}_{what}" for domain in ("light", "fan") for place in "abcdefghij" for what in range(10)
    ]
    other = at_work.ask(constraint=ENDLESS, max_tokens=40)
    few = at_work.decide(*options[::7])
    many = at_work.decide(*options)
    at_work.run()
    for number, count in ((few, len(options[::7])), (many, 200)):
        event = at_work.events[number][-1]
        assert isinstance(event, Ranked)
        assert len(event.ranking.options) == count
        assert math.isclose(sum(option.probability for option in event.ranking.options), 1, abs_tol=1e-6)
    assert at_work.usage(other).output_tokens == 40


PHASES = ["waiting", "reading", "writing", "constrained", "deciding", "placing", "over"]


@pytest.mark.parametrize("phase", PHASES)
def test_a_cancelled_request_is_let_go_and_the_others_are_answered(at_work: Bench, phase: str) -> None:
    bystander = at_work.ask()
    if phase == "waiting":
        for _ in range(8):
            at_work.ask(constraint=ENDLESS, max_tokens=20)
    asked = {
        "deciding": lambda: at_work.decide(*(f"option {n} of many" for n in range(60))),
        "placing": lambda: at_work.embed(LONG, LONG),
        "constrained": lambda: at_work.ask(constraint=ENDLESS, max_tokens=200),
        "writing": lambda: at_work.ask("> tell a story\n=", sampling=Sampling(temperature=3, seed=1), max_tokens=200),
        "over": lambda: at_work.ask(max_tokens=1),
    }
    number = asked.get(phase, lambda: at_work.ask(LONG))()
    at_work.step({"reading": 0, "waiting": 1, "deciding": 1, "placing": 1}.get(phase, 3))
    at_work.engine.cancel(number)
    at_work.run()
    if phase == "over":
        assert at_work.deltas(number)[-1].finish is FinishReason.LENGTH
    else:
        assert "cancelled" in at_work.failure(number).reason
    assert at_work.text(bystander) == ANSWER


def test_a_request_cancelled_before_it_came_is_let_go_when_it_comes(at_work: Bench) -> None:
    at_work.engine.cancel(1)
    at_work.step()
    number = at_work.ask()
    at_work.run()
    assert number == 1
    assert "cancelled" in at_work.failure(number).reason


def test_a_step_that_is_interrupted_loses_nothing(at_work: Bench) -> None:
    writer = at_work.ask(constraint=ENDLESS, max_tokens=12, candidates=1)
    decision = at_work.decide("[{", "{}", "none of these")
    at_work.step(2)
    reader = at_work.ask(LONG, max_tokens=3)
    victim = at_work.ask(f"{LONG} again", max_tokens=3)
    for _ in range(3):
        at_work.interrupting = True
        at_work.step()
        assert not at_work.interrupting
    at_work.step()
    at_work.engine.cancel(victim)
    at_work.run()
    assert "cancelled" in at_work.failure(victim).reason
    assert at_work.usage(reader).output_tokens == 3
    assert isinstance(at_work.events[decision][-1], Ranked)
    with bench() as alone:
        number = alone.ask(constraint=ENDLESS, max_tokens=12, candidates=1)
        alone.run()
        assert at_work.tokens(writer)[0].text == alone.tokens(number)[0].text
        assert at_work.usage(writer).output_tokens == 12


def test_only_a_long_prompt_is_interrupted_and_only_for_its_own_sake_or_a_better_one(at_work: Bench) -> None:
    flags: list[bool] = []
    interruption = at_work.engine.interruption
    interruption._interrupt = flags.append
    interruption.begin({5: 300, 6: 2}, Priority.CHAT)
    interruption.cancelled(6)
    interruption.cancelled(7)
    interruption.arrived(Priority.CHAT)
    assert flags == [False]
    interruption.cancelled(5)
    interruption.arrived(Priority.AUTOMATION)
    assert flags == [False, True, True]
    interruption.end()
    interruption.cancelled(5)
    assert flags == [False, True, True]


def test_a_better_request_takes_the_place_of_another_which_goes_on_later() -> None:
    with bench(sequences=1) as made:
        chat = made.ask(constraint=ENDLESS, max_tokens=60, priority=Priority.CHAT)
        made.step(10)
        before = made.text(chat)
        automation = made.ask(priority=Priority.AUTOMATION)
        made.step(8)
        assert made.text(automation) == ANSWER
        made.run()
        assert made.text(chat).startswith(before)
        assert made.usage(chat).output_tokens == 60


def test_answers_that_grow_out_of_their_room_make_way_and_go_on_later() -> None:
    with bench(sequences=4) as made:
        numbers = [made.ask(f"> {word}\n=", constraint=ENDLESS, max_tokens=300) for word in "abcd"]
        made.run()
        for number in numbers:
            assert made.deltas(number)[-1].finish is FinishReason.LENGTH
            assert made.usage(number).output_tokens == 300


def test_a_request_that_needs_the_whole_context_gets_it_in_the_end() -> None:
    with bench(sequences=4) as made:
        small = [made.ask(constraint=ENDLESS, max_tokens=50) for _ in range(6)]
        room = made.engine.context.size - len(made.intake._vocabulary.tokenise(LONG))
        large = made.ask(LONG, max_tokens=room, sampling=Sampling(temperature=5, seed=3))
        made.run()
        assert made.deltas(large)[-1].finish is not None
        assert all(made.usage(number).output_tokens == 50 for number in small)


def test_the_most_urgent_goes_first() -> None:
    with bench(sequences=1) as made:
        made.ask(constraint=ENDLESS, max_tokens=5, priority=Priority.AUTOMATION)
        made.step()
        idle, urgent = made.ask(priority=Priority.BACKGROUND), made.ask(priority=Priority.COMMAND)
        made.run()
        ended = [number for number in made.events if number in (idle, urgent)]
        assert ended == [urgent, idle]


def test_when_its_time_is_up_a_request_fails(at_work: Bench) -> None:
    number = at_work.ask(timeout=0.0)
    other = at_work.ask()
    at_work.run()
    assert "within 0 s" in at_work.failure(number).reason
    assert at_work.text(other) == ANSWER


def test_one_request_that_llama_cpp_refuses_does_not_fail_the_others(
    at_work: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [at_work.ask(f"> hello {n}\n=", max_tokens=3) for n in range(3)]
    bad = at_work.ask("> something bad\n=", max_tokens=3)
    others += [at_work.ask(f"> hello {n}\n=", max_tokens=3) for n in range(3, 6)]
    poison = at_work.intake._vocabulary.tokenise("> something bad\n=")[-3]
    decode = at_work.engine.context.decode

    def refusing(batch: Batch) -> Outcome:
        if poison in batch._token[: batch.count]:
            raise Broken("Expected something else")
        return decode(batch)

    monkeypatch.setattr(at_work.engine.context, "decode", refusing)
    at_work.run()
    assert "something else" in at_work.failure(bad).reason
    assert all(at_work.deltas(number)[-1].finish for number in others)


def test_where_llama_cpp_fails_at_everything_the_engine_gives_up(
    at_work: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(batch: Batch) -> Outcome:
        raise Broken("Expected a graphics processor")

    for _ in range(4):
        at_work.ask()
    with monkeypatch.context() as patched:
        patched.setattr(at_work.engine.context, "decode", broken)
        with pytest.raises(Broken, match="graphics processor"):
            at_work.run()


def test_a_full_context_makes_others_go_and_nobody_fails(at_work: Bench) -> None:
    at_work.ask(HOME, max_tokens=1)
    at_work.run()
    numbers = [at_work.ask(f"> hello {word}\n=", max_tokens=4) for word in "ab"]
    for _ in range(2):
        at_work.full = True
        at_work.step()
    at_work.run()
    assert all(at_work.deltas(number)[-1].finish for number in numbers)


def test_a_shared_beginning_stays_even_of_an_answer_of_one_token(at_work: Bench) -> None:
    at_work.ask(pieces(HOME, "> hello a\n="), shared=1, max_tokens=1)
    at_work.run()
    number = at_work.ask(pieces(HOME, "> hello b\n="), shared=1, max_tokens=1)
    at_work.run()
    assert at_work.usage(number).cached_tokens > 50


def test_what_cannot_be_answered_is_refused_at_once(at_work: Bench) -> None:
    with pytest.raises(PromptTooLong, match=r"at most 512 tokens.*Shorten the prompt"):
        at_work.ask("word " * 600)
    with pytest.raises(PromptTooLong, match="at most 512 tokens"):
        at_work.ask(max_tokens=510)
    with pytest.raises(InferenceError, match="at least 1 as max_tokens"):
        at_work.ask(max_tokens=0)
    with pytest.raises(InferenceError, match="Expected a Lark grammar"):
        at_work.ask(constraint=Constraint.lark("start: unknown_rule"))
    with pytest.raises(InferenceError, match="options of at most"):
        at_work.decide("a", "word " * 300)
    with pytest.raises(InferenceError, match="Expected text that has an encoding"):
        at_work.ask("lamp \ud800")
    with pytest.raises(PromptTooLong, match="texts of at most"):
        at_work.embed("word " * 600)
