"""A back end that answers by rule: for scenarios, dry runs and tests whose subject is not the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.core.ports import Completion, CompletionRequest
from hub.errors import InferenceError

Answer = str | Completion | InferenceError


class ScriptedBackend:
    """Gives the answer of the first rule whose regular expression is found in the prompt.

    A text is given as one token of probability 1; an error is raised. A prompt without a rule raises InferenceError.
    ``requests`` keeps what was asked.
    """

    def __init__(self, rules: Iterable[tuple[str, Answer]] = (), *, model: str | None = "scripted") -> None:
        self._rules = [(re.compile(pattern), answer) for pattern, answer in rules]
        self._model = model
        self.requests: list[CompletionRequest] = []

    @property
    def model(self) -> str | None:
        """The name given to it."""
        return self._model

    def status(self) -> Mapping[str, Any]:
        """Return that it is ready."""
        return {"state": "ready", "model": self._model, "reason": None, "memory_mb": 0.0}

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the scripted answer."""
        self.requests.append(request)
        for pattern, answer in self._rules:
            if pattern.search(request.prompt):
                return _completion(answer)
        raise InferenceError(f"Expected a rule for the prompt {request.prompt[-80:]!r}, there is none")


def _completion(answer: Answer) -> Completion:
    if isinstance(answer, InferenceError):
        raise answer
    if isinstance(answer, Completion):
        return answer
    return Completion(text=answer, tokens=((answer, 0.0),), alternatives=(((answer, 1.0),),), outside=(0.0,))
