from __future__ import annotations

import pytest

from hub.core.ports import Completion, CompletionRequest
from hub.errors import InferenceError, WorkerDied
from hub.inference import ScriptedBackend


async def test_the_first_rule_that_fits_answers() -> None:
    backend = ScriptedBackend([("lamp", "one"), (".", Completion(text="two"))])

    assert (await backend.complete(CompletionRequest(prompt="a lamp"))).text == "one"
    assert (await backend.complete(CompletionRequest(prompt="a fan"))).text == "two"
    assert [request.prompt for request in backend.requests] == ["a lamp", "a fan"]


async def test_an_error_is_raised_and_so_is_the_want_of_a_rule() -> None:
    backend = ScriptedBackend([("die", WorkerDied("gone"))])

    with pytest.raises(WorkerDied):
        await backend.complete(CompletionRequest(prompt="die"))
    with pytest.raises(InferenceError, match="there is none"):
        await backend.complete(CompletionRequest(prompt="live"))
