"""A back end that answers by rule: for scenarios, dry runs and tests whose subject is not the model."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from hub.core.inference import (
    BackendCapabilities,
    CallDelta,
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    DecisionRequest,
    Delta,
    EmbeddingRequest,
    Embeddings,
    FinishReason,
    Prompt,
    RankedOption,
    Ranking,
    RequestedCall,
    Token,
    Usage,
    collect,
)
from hub.errors import InferenceError

Answer = str | Completion | RequestedCall | Ranking | Embeddings | InferenceError
Request = CompletionRequest | ChatRequest | DecisionRequest | EmbeddingRequest


class ScriptedBackend:
    """Gives the answer of the first rule whose regular expression is found in what is asked.

    A text is written word by word, each word a token of probability 1; to a decision it is the option to take; an error is
    raised. A chat is its messages, a line each; an embedding's rule is looked up for each text. What no rule answers raises
    InferenceError. ``requests`` keeps what was asked.
    """

    def __init__(
        self,
        rules: Iterable[tuple[str, Answer]] = (),
        *,
        model: str | None = "scripted",
        capabilities: BackendCapabilities | None = None,
    ) -> None:
        self._rules = [(re.compile(pattern), answer) for pattern, answer in rules]
        self._model = model
        self._capabilities = capabilities or BackendCapabilities()
        self.requests: list[Request] = []

    @property
    def model(self) -> str | None:
        """The name given to it."""
        return self._model

    @property
    def capabilities(self) -> BackendCapabilities:
        """Everything, unless it was made with less."""
        return self._capabilities

    def status(self) -> Mapping[str, Any]:
        """Return that it is ready."""
        return {"state": "ready", "model": self._model, "reason": None, "memory_mb": 0.0}

    async def generate(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Yield the scripted answer."""
        self.requests.append(request)
        text = plain(request.prompt)
        for delta in _deltas(_completion(self._answer(text)), text, tell=request.candidates is not None):
            yield delta

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the scripted answer."""
        return await collect(self.generate(request))

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Yield the scripted answer, or the scripted call."""
        self.requests.append(request)
        text = "\n".join(message.text for message in request.messages)
        answer = self._answer(text)
        if isinstance(answer, RequestedCall):
            call = CallDelta(index=0, call_id=answer.call_id, name=answer.name, arguments=answer.arguments)
            yield ChatDelta(calls=(call,))
            yield ChatDelta(finish=FinishReason.TOOL_CALLS, usage=_usage(text, 1))
            return
        for delta in _deltas(_completion(answer), text, tell=request.candidates is not None):
            yield ChatDelta(text=delta.text, tokens=delta.tokens, finish=delta.finish, usage=delta.usage)

    async def decide(self, request: DecisionRequest) -> Ranking:
        """Return the scripted ranking, or the scripted option before all others."""
        self.requests.append(request)
        answer = self._answer(plain(request.prompt))
        if isinstance(answer, Ranking):
            return answer
        if answer not in request.options:
            raise InferenceError(f"Expected a rule that answers with one of {request.options}, got {answer!r}")
        others = [option for option in request.options if option != answer]
        ranked = [RankedOption(text=str(answer), probability=1.0, unmasked=1.0)]
        ranked += [RankedOption(text=option, probability=0.0, unmasked=0.0) for option in others]
        return Ranking(options=tuple(ranked), outside=0.0)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the first vector of the scripted answer to each text."""
        self.requests.append(request)
        return Embeddings(vectors=tuple(_vector(self._answer(text)) for text in request.texts))

    def _answer(self, text: str) -> Answer:
        for pattern, answer in self._rules:
            if pattern.search(text):
                if isinstance(answer, InferenceError):
                    raise answer
                return answer
        raise InferenceError(f"Expected a rule for the prompt {text[-80:]!r}, there is none")


def plain(prompt: Prompt) -> str:
    """Return a prompt's text, special pieces included."""
    return prompt if isinstance(prompt, str) else "".join(piece.text for piece in prompt)


def _completion(answer: Answer) -> Completion:
    if isinstance(answer, Completion):
        return answer
    if not isinstance(answer, str):
        raise InferenceError(f"Expected a rule that answers with a text, got {answer!r}")
    words = re.findall(r"\s*\S+\s*", answer) or [answer]
    return Completion(text=answer, tokens=tuple(Token(text=word, candidates=((word, 1.0),)) for word in words))


def _deltas(completion: Completion, prompt: str, *, tell: bool) -> Iterable[Delta]:
    """Return an answer in parts: token by token where tokens make the text."""
    tokens, whole = completion.tokens, completion.text
    if "".join(token.text for token in tokens) == whole:
        parts = [Delta(text=token.text, tokens=(token,) if tell else ()) for token in tokens]
    else:
        parts = [Delta(text=whole, tokens=tokens if tell else ())]
    usage = completion.usage if completion.usage != Usage() else _usage(prompt, len(tokens))
    return [*parts, Delta(finish=completion.finish, usage=usage)]


def _usage(prompt: str, output_tokens: int) -> Usage:
    return Usage(prompt_tokens=len(prompt.split()), output_tokens=output_tokens)


def _vector(answer: Answer) -> tuple[float, ...]:
    if not isinstance(answer, Embeddings):
        raise InferenceError(f"Expected a rule that answers with a vector, got {answer!r}")
    return answer.vectors[0]
