"""Another hub as the server: the same model answers here and there."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.core.inference import ChatRequest, CompletionRequest, Constraint, DecisionRequest, FinishReason, ToolUse
from hub.errors import InferenceError, PromptTooLong
from hub.inference.remote import BackendPool, RemoteBackend
from hub.testing import RunningHub, running_hub
from tests.inference.chat.models import LIGHT, user
from tests.inference.conftest import NATIVE
from tests.inference.remote.peers import running, until

MISSING = [name for name in NATIVE if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"{', '.join(MISSING)} is not installed, so there is no local model to test"
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path / "config") as home:
        async with asyncio.timeout(60):
            await home.hub.backend.loaded()
        yield home


async def test_what_one_hub_asks_another(home: RunningHub) -> None:
    there, here = RemoteBackend(home.url, token=home.token), home.hub.backend
    async with running(there):
        await until(lambda: there.model is not None)
        assert there.status()["kind"] == "hearth"
        assert there.capabilities.context == here.capabilities.context

        choice = CompletionRequest(prompt="turn it ", constraint=Constraint.choice("on", "öff"))
        assert (await there.complete(choice)).text == (await here.complete(choice)).text

        options = DecisionRequest(prompt="turn on the", options=(" cellar", " en", "er"))
        ours, theirs = await here.decide(options), await there.decide(options)
        assert [option.text for option in theirs.options] == [option.text for option in ours.options]
        for own, other in zip(ours.options, theirs.options, strict=True):
            assert other.probability == pytest.approx(own.probability, abs=0.05)
            assert other.unmasked == pytest.approx(own.unmasked, abs=0.05)
        assert theirs.outside == pytest.approx(ours.outside, abs=0.05)

        request = ChatRequest(
            messages=(user("on"),), tools=(LIGHT,), tool_use=ToolUse.REQUIRED, several=False, max_tokens=80
        )
        deltas = [delta async for delta in there.chat(request)]
        calls = [part for delta in deltas for part in delta.calls]
        assert calls[0].name == LIGHT.name
        if deltas[-1].finish is FinishReason.TOOL_CALLS:
            json.loads("".join(part.arguments for part in calls))

        with pytest.raises(PromptTooLong):
            await there.complete(CompletionRequest(prompt="turn it on " * 400))
        with pytest.raises(InferenceError, match="server refuses"):
            await there.complete(CompletionRequest(prompt="on", constraint=Constraint.lark("start: nothing")))
        assert there.status()["state"] == "ready"

    pool = BackendPool([RemoteBackend("http://127.0.0.1:9")], here)
    async with running(pool):
        deltas = [delta async for delta in pool.chat(ChatRequest(messages=(user("on"),), max_tokens=3))]
        assert deltas[-1].usage is not None
        assert pool.status()["local"]["state"] == "ready"
