from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from hub.errors import InferenceError
from hub.inference import gguf

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is nothing to calibrate")

from hub.inference.engine import calibration, findings, hardware
from hub.inference.engine.calibration import Questions
from hub.inference.engine.findings import Answers, Kept
from hub.inference.engine.hardware import Machine
from hub.inference.engine.trial import Clock, Times, Trial, Variant, loaded
from hub.inference.settings import CacheType, LoadMode

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"


@pytest.fixture(scope="module")
def header() -> gguf.Header:
    return gguf.read(MODEL)


@pytest.fixture(scope="module")
def machine() -> Machine:
    return hardware.machine()


@pytest.fixture
def questions(machine: Machine) -> Questions:
    return Questions(
        machine=machine,
        threads=1,
        rows=256,
        batch=64,
        context=512,
        flash_attention=False,
        repack=False,
        cache_type=CacheType.F16,
        load_mode=LoadMode.MMAP,
        ask_threads=False,
        ask_flash_attention=True,
        ask_repack=False,
    )


def only(folder: Path) -> Path:
    (path,) = folder.glob("calibration-*.json")
    return path


def test_what_was_asked_is_measured_and_kept(header: gguf.Header, questions: Questions, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = calibration.calibrated(header, replace(questions, ask_threads=True), folder)
    assert set(first) == {"threads", "batch_threads", "flash_attention", "n_ubatch", "halved"}
    assert all(why.startswith("measured, ") for _, why in first.values())
    written = only(folder).stat().st_mtime_ns
    assert calibration.calibrated(header, replace(questions, ask_threads=True), folder) == first
    assert only(folder).stat().st_mtime_ns == written


def test_what_was_not_asked_is_not_answered(header: gguf.Header, questions: Questions, tmp_path: Path) -> None:
    answers = calibration.calibrated(header, replace(questions, ask_flash_attention=False), tmp_path)
    assert set(answers) <= {"n_ubatch", "halved"}


def test_other_questions_are_another_trial(header: gguf.Header, questions: Questions, tmp_path: Path) -> None:
    variations = [
        questions,
        replace(questions, context=256),
        replace(questions, cache_type=CacheType.Q8_0),
        replace(questions, machine=replace(questions.machine, library="another")),
        replace(questions, machine=replace(questions.machine, processor="another")),
        replace(questions, machine=replace(questions.machine, cores=64)),
    ]
    assert len({calibration._key(header, one) for one in variations}) == len(variations)
    same = replace(questions, machine=replace(questions.machine, devices=()))
    assert calibration._key(header, same) == calibration._key(header, questions)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"format": 99, "model": "a", "attempts": 1}'])
def test_a_damaged_result_is_measured_again(
    content: bytes, header: gguf.Header, questions: Questions, tmp_path: Path
) -> None:
    path = tmp_path / f"calibration-{calibration._key(header, questions)}.json"
    path.write_bytes(content)
    assert findings.read(path) is None


@pytest.mark.parametrize("threads", [0, -1, 1 << 40])
def test_a_result_without_sense_is_none(threads: int, tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    answers = {"threads": {"value": threads, "why": ""}}
    path.write_bytes(msgspec.json.encode({"format": 1, "model": "a", "attempts": 1, "answers": answers}))
    assert findings.read(path) is None


def test_a_trial_that_never_ends_well_is_given_up(header: gguf.Header, questions: Questions, tmp_path: Path) -> None:
    path = tmp_path / f"calibration-{calibration._key(header, questions)}.json"
    findings.write(path, Kept(model="a", attempts=3))  # the process died within it each time
    assert calibration.calibrated(header, questions, tmp_path) == {}


def test_a_trial_that_fails_leaves_the_rules(
    header: gguf.Header, questions: Questions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = replace(header, path=tmp_path / "gone.gguf")
    with caplog.at_level(logging.INFO):
        kept = calibration._tried(gone, questions, Kept(model="gone", attempts=1))
    assert not kept.done
    assert "ended early" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(
    header: gguf.Header, questions: Questions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    findings.write(tmp_path / "file" / "calibration.json", Kept(model="a", attempts=1))
    assert "keep the calibration" in caplog.text


def test_a_model_too_slow_for_the_time_left_is_not_tried(header: gguf.Header, questions: Questions) -> None:
    session = calibration._Session(header=header, questions=replace(questions, ask_threads=True), deadline=0.0)
    session.run()
    assert session.answers == Answers()
    assert not session.complete


FOUR_CORES: dict[str, tuple[dict[int, float], bool, int]] = {
    "the rule's where nothing is quicker": ({2: 1.0, 3: 0.9, 4: 0.9}, True, 3),
    "fewer where more do not help": ({2: 1.0, 3: 1.0, 4: 0.99}, True, 2),
    "all only where it is much quicker": ({2: 1.4, 3: 1.0, 4: 0.75}, True, 4),
    "never the hub's own core for a little": ({2: 1.4, 3: 1.0, 4: 0.85}, True, 3),
    "never the hub's own core on a busy machine": ({2: 1.4, 3: 1.0, 4: 0.5}, False, 3),
}


@pytest.mark.parametrize("case", FOUR_CORES)
def test_threads_are(case: str, header: gguf.Header, questions: Questions) -> None:
    seconds, idle, expected = FOUR_CORES[case]
    asked = replace(questions, machine=replace(questions.machine, cores=4, physical_cores=4), threads=3)
    session = calibration._Session(header=header, questions=asked, deadline=0.0, idle=idle)
    assert session._picked(seconds, 3) == expected


def test_one_core_is_one_thread(machine: Machine) -> None:
    assert calibration._thread_counts(replace(machine, cores=1, physical_cores=1), 1) == [1]
    assert calibration._thread_counts(replace(machine, cores=8, physical_cores=4), 4) == [3, 4, 7, 8]


def test_a_trial_times_every_kind_of_step() -> None:
    variant = Variant(threads=1, batch_threads=1, flash_attention=False, repack=False, rows=64)
    with (
        loaded(MODEL, repack=False, load_mode=LoadMode.READ) as model,
        Trial(model, depth=256, batch=64, cache_type=CacheType.F16) as trial,
    ):
        times = trial.times(variant)
        assert min(times.one, times.several, times.prompt) > 0
        halves = trial.halves(variant)
        assert min(halves.several, halves.few) > 0
        assert trial.reading(variant, 64).prompt > 0
        assert trial.glance(replace(variant, flash_attention=True)).prompt == 0
        assert trial.times(variant).least(times).one <= times.one


def test_a_trial_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InferenceError), loaded(tmp_path / "none.gguf", repack=False, load_mode=LoadMode.MMAP):
        pass


CHANGES: dict[str, tuple[Times, bool]] = {
    "clearly quicker": (Times(one=0.8, several=1.6, prompt=3.2), True),
    "hardly quicker": (Times(one=0.95, several=1.9, prompt=3.8), False),
    "quicker at reading, slower at writing": (Times(one=1.2, several=2.0, prompt=1.0), False),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_made_if(case: str) -> None:
    changed, expected = CHANGES[case]
    assert calibration._better(changed, Times(one=1.0, several=2.0, prompt=4.0)) is expected


def test_only_what_was_timed_is_compared() -> None:
    assert calibration._ratios(Times(one=0.5, few=1.0), Times(one=1.0, few=2.0)) == [0.5, 0.5]


@pytest.mark.parametrize(("few", "halved"), [(0.4, True), (0.49, False), (0.6, False)])
def test_several_answers_are_written_in_two_steps_where_that_is_quicker(
    few: float, halved: bool, header: gguf.Header, questions: Questions
) -> None:
    class Timed(Trial):
        def prepare(self, variant: Variant) -> float:
            return 0.0

        def halves(self, variant: Variant, clock: Clock = time.perf_counter) -> Times:
            return Times(few=few, several=1.0)

    session = calibration._Session(header=header, questions=questions, deadline=time.monotonic() + 60)
    session._halved(Timed(None, depth=0, batch=64, cache_type=CacheType.F16), session._first())
    assert session.answers.halved is not None
    assert session.answers.halved.value is halved
    assert session.answers.halved.why == f"measured, a step of 4 answers {few * 1000} ms, 8 answers 1000.0 ms"


def test_figures_name_each_value() -> None:
    seconds: Mapping[int, float] = {1: 0.02, 2: 0.0105}
    assert calibration._figures("one row", seconds) == "measured, one row: 1: 20.0 ms, 2: 10.5 ms"
