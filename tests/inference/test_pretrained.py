from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.core.inference import CompletionRequest, Constraint, DecisionRequest
from hub.errors import ModelUnavailable, NotFound
from hub.inference import DEFAULT_MODEL, EngineSettings, QuantizedModel, accelerators
from hub.inference.accelerators import Check

pytestmark = pytest.mark.usefixtures("native")

PROMPT = "light: bedroom lamp\nlock: front door\n> turn on the bedroom lamp\n="
TOOL = CompletionRequest(prompt=PROMPT, constraint=Constraint.regex(r'\[\{"tool":"(on|off)"'))
ANSWER = '[{"tool":"on"'


@pytest.fixture(scope="module")
def model() -> Iterator[QuantizedModel]:
    with QuantizedModel.from_pretrained("home-6m") as model:
        yield model


def test_answers_a_plain_program(model: QuantizedModel) -> None:
    assert model.complete(TOOL).text == ANSWER
    assert "".join(delta.text for delta in model.generate(TOOL)) == ANSWER
    assert model.complete(PROMPT).text.startswith(ANSWER)
    assert model.count(PROMPT) > 10
    ranking = model.decide(DecisionRequest(prompt=f'{PROMPT}[{{"tool":"', options=("off", "on")))
    assert ranking.best.text == "on"
    assert model.status()["state"] == "ready"


def test_chats_with_a_plain_program(model: QuantizedModel) -> None:
    chat = model.chat("hello")
    assert next(chat) is not None
    chat.close()


def test_threads_are_answered_together(model: QuantizedModel) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: model.complete(TOOL).text, range(16)))
    assert answers == [ANSWER] * 16


def test_is_loaded_by_the_first_request_and_again_after_its_end() -> None:
    model = QuantizedModel.from_pretrained(DEFAULT_MODEL)
    try:
        assert model.complete(TOOL).text == ANSWER
        model.close()
        assert model.load().complete(TOOL).text == ANSWER
    finally:
        model.close()


async def test_is_a_back_end_for_a_program_with_an_event_loop() -> None:
    async with QuantizedModel.from_pretrained("home-6m", settings=EngineSettings(sequences=2)) as backend:
        assert (await backend.complete(TOOL)).text == ANSWER


def test_finds_models_by_name_in_a_folder(tmp_path: Path) -> None:
    shutil.copy(DEFAULT_MODEL, tmp_path / "mine.gguf")

    assert QuantizedModel.from_pretrained("mine", models=tmp_path).path == tmp_path / "mine.gguf"
    with pytest.raises(NotFound, match="mine"):
        QuantizedModel.from_pretrained("yours", models=tmp_path)


def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(100))

    with pytest.raises(ModelUnavailable, match=r"broken\.gguf"):
        QuantizedModel.from_pretrained("broken", models=tmp_path).load()


def test_a_build_without_gpus_says_which_command_makes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "built", frozenset)

    with pytest.raises(ModelUnavailable, match="CMAKE_ARGS"):
        QuantizedModel.from_pretrained("home-6m").enable_gpu_offload()


def test_offload_is_a_setting_before_and_a_reload_after_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "gpu_offload", lambda: Check(name="gpu_offload", possible=True, reason=""))
    model = QuantizedModel.from_pretrained("home-6m").enable_gpu_offload(device_id=0, layers=0)
    assert (model.settings.gpu_device, model.settings.gpu_layers) == (0, 0)
    with model:
        before = model.status()["worker"]
        model.enable_gpu_offload(layers=0)
        assert model.status()["worker"] != before
        assert model.complete(TOOL).text == ANSWER


def test_the_program_never_loads_native_code_and_ends_with_a_model_left_open() -> None:
    script = (
        "import sys; from hub.inference import QuantizedModel; "
        f"print(QuantizedModel.from_pretrained('home-6m').complete({PROMPT!r}).text); "
        "print(sorted({'llama_cpp', 'llguidance', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.splitlines() == ['[{"tool":"on","name":" bedroom lamp"}]', "[]"]


def test_the_hub_never_loads_native_code() -> None:
    script = (
        "import sys; import hub.inference, hub.agent, hub.inference.backend, hub.agent.known_sentences; "
        "print(sorted({'llama_cpp', 'llguidance', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
