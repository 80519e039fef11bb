from __future__ import annotations

import pytest

from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    DecisionRequest,
    EmbeddingRequest,
    Embeddings,
    FinishReason,
    InferenceBackend,
    Message,
    Piece,
    RequestedCall,
    Speaker,
    collect,
)
from hub.errors import InferenceError, WorkerDied
from hub.inference import ScriptedBackend


async def chat(backend: InferenceBackend, text: str) -> list[ChatDelta]:
    request = ChatRequest(messages=(Message(speaker=Speaker.USER, text=text),))
    return [delta async for delta in backend.chat(request)]


async def test_the_first_rule_that_fits_answers() -> None:
    backend = ScriptedBackend([("lamp", "one"), (".", Completion(text="two"))])
    asked = [CompletionRequest(prompt="a lamp"), CompletionRequest(prompt=(Piece(text="a "), Piece(text="fan")))]

    assert [(await backend.complete(request)).text for request in asked] == ["one", "two"]
    assert backend.requests == asked


async def test_an_answer_comes_word_by_word_with_tokens_if_they_are_asked_for() -> None:
    backend = ScriptedBackend([(".", "the lamp is on")])
    deltas = [delta async for delta in backend.generate(CompletionRequest(prompt="x", candidates=1))]
    whole = await backend.complete(CompletionRequest(prompt="x y"))

    assert [delta.text for delta in deltas] == ["the ", "lamp ", "is ", "on", ""]
    assert [token.text for delta in deltas for token in delta.tokens] == ["the ", "lamp ", "is ", "on"]
    assert deltas[-1].finish is FinishReason.STOP
    assert (whole.tokens, whole.usage.prompt_tokens, whole.usage.output_tokens) == ((), 2, 4)


async def test_a_chat_is_answered_with_text_or_a_call() -> None:
    call = RequestedCall(call_id="1", name="light", arguments='{"on":true}')
    backend = ScriptedBackend([("lamp", call), (".", "hello")])
    asked = await chat(backend, "the lamp")

    assert (await collect(backend.chat(backend.requests[0]))).finish is FinishReason.TOOL_CALLS  # type: ignore[arg-type]
    assert [(part.name, part.arguments) for delta in asked for part in delta.calls] == [("light", '{"on":true}')]
    assert "".join(delta.text for delta in await chat(backend, "good day")) == "hello"


async def test_a_decision_takes_the_scripted_option() -> None:
    backend = ScriptedBackend([("dark", "on"), (".", "perhaps")])
    ranking = await backend.decide(DecisionRequest(prompt="it is dark", options=("off", "on")))

    assert [option.text for option in ranking.options] == ["on", "off"]
    assert (ranking.best.probability, ranking.outside) == (1.0, 0.0)
    with pytest.raises(InferenceError, match="answers with one of"):
        await backend.decide(DecisionRequest(prompt="it is light", options=("off", "on")))


async def test_texts_are_placed_by_rule() -> None:
    backend = ScriptedBackend([("warm", Embeddings(vectors=((1.0, 0.0),))), (".", Embeddings(vectors=((0.0, 1.0),)))])
    embeddings = await backend.embed(EmbeddingRequest(texts=("warm", "cold")))

    assert embeddings.vectors == ((1.0, 0.0), (0.0, 1.0))


async def test_an_error_is_raised_and_so_is_the_want_of_a_rule() -> None:
    backend = ScriptedBackend([("die", WorkerDied("gone"))])

    with pytest.raises(WorkerDied):
        await backend.complete(CompletionRequest(prompt="die"))
    with pytest.raises(InferenceError, match="there is none"):
        await backend.complete(CompletionRequest(prompt="live"))
