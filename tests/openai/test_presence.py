"""Clients that come in numbers, go away, or do not read."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import openai as library
import pytest
from openai import AsyncOpenAI

from hub.server.rest.openai import desk, events
from hub.testing import RunningHub, running_hub
from tests.openai.conftest import Stage, newest

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECONDS = 15


def saying(text: str) -> Any:
    return [{"role": "user", "content": text}]


async def happens(event: asyncio.Event) -> None:
    async with asyncio.timeout(SECONDS):
        await event.wait()


async def test_a_stream_that_is_closed_frees_the_model(openai: AsyncOpenAI, stage: Stage) -> None:
    stream = await openai.chat.completions.create(model="", messages=saying("endless"), stream=True)
    await anext(stream)
    await stream.close()
    await happens(stage.ended)
    assert stage.open == 0


@pytest.mark.parametrize(("stream", "said"), [(True, "endless wait"), (False, "endless wait"), (False, "endless")])
async def test_a_client_that_goes_before_its_answer_frees_the_model(
    openai: AsyncOpenAI, stage: Stage, stream: bool, said: str
) -> None:
    asking = asyncio.create_task(openai.chat.completions.create(model="", messages=saying(said), stream=stream))
    await happens(stage.begun)
    asking.cancel()
    await happens(stage.ended)
    assert stage.open == 0
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_the_audit_says_that_the_client_was_gone(home: RunningHub, openai: AsyncOpenAI, stage: Stage) -> None:
    asking = asyncio.create_task(openai.completions.create(model="", prompt="endless wait"))
    await happens(stage.begun)
    asking.cancel()
    await asyncio.wait([asking])
    await happens(stage.ended)
    row = await newest(home)
    assert (row.subject, row.outcome, row.outcome_detail["reason"]) == ("completion", "failed", "Gone")


async def test_every_choice_is_freed(openai: AsyncOpenAI, stage: Stage) -> None:
    asking = asyncio.create_task(openai.chat.completions.create(model="", messages=saying("endless wait"), n=4))
    await happens(stage.begun)
    asking.cancel()
    await asyncio.wait([asking])
    await happens(stage.ended)
    assert stage.open == 0


async def test_a_token_that_is_revoked_ends_what_it_asked_for(home: RunningHub, stage: Stage) -> None:
    auth = home.hub.auth
    owner = auth.users.owner()
    assert owner is not None
    token = await auth.create_long_lived(owner.user_id, "for a while")
    async with AsyncOpenAI(base_url=f"{home.url}/v1", api_key=token, max_retries=0) as client:
        stream = await client.chat.completions.create(model="", messages=saying("endless"), stream=True)
        await anext(stream)
        auth.interrupt(owner.user_id)
        await happens(stage.ended)
        with pytest.raises(library.APIConnectionError):
            async for _ in stream:
                pass


async def test_eight_streams_are_read_at_once(openai: AsyncOpenAI, stage: Stage) -> None:
    async def first_words(_: int) -> list[str]:
        texts = []
        async with await openai.chat.completions.create(model="", messages=saying("endless"), stream=True) as stream:
            async for part in stream:
                texts.append(part.choices[0].delta.content or "")
                if len(texts) > 20 and stage.written > 20 * 8:
                    return texts
        raise AssertionError("the stream ended")

    async with asyncio.timeout(SECONDS):
        for texts in await asyncio.gather(*map(first_words, range(8))):
            assert set(texts[1:]) == {"word "}


async def test_more_answers_than_there_is_room_for_are_refused(
    openai: AsyncOpenAI, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_AT_ONCE", 2)
    stream = await openai.chat.completions.create(model="", messages=saying("endless"), n=2, stream=True)
    await anext(stream)
    with pytest.raises(library.RateLimitError, match="try again later"):
        await openai.chat.completions.create(model="", messages=saying("hello"))
    await stream.close()
    await happens(stage.ended)


async def raw_stream(home: RunningHub, said: str) -> socket.socket:
    """Ask for a stream on a connection that takes little, and read nothing of it."""
    connection = socket.create_connection(("127.0.0.1", home.hub.port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    content = f'{{"stream": true, "messages": [{{"role": "user", "content": "{said}"}}]}}'
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {home.token}\r\n"
    connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode())
    return connection


async def stands_still(stage: Stage) -> int:
    """Wait until the model writes no more, and return how much it wrote."""
    written = -1
    async with asyncio.timeout(SECONDS):
        while written != stage.written:
            written = stage.written
            for _ in range(2000):
                await asyncio.sleep(0)
    return written


async def test_a_client_that_does_not_read_holds_up_only_its_own_answer(
    home: RunningHub, openai: AsyncOpenAI, stage: Stage
) -> None:
    with await raw_stream(home, "endless long"):
        await happens(stage.begun)
        assert 0 < await stands_still(stage) < 10_000
        answer = await openai.chat.completions.create(model="", messages=saying("hello"))
        assert answer.choices[0].message.content == "Hello to you, too."
        assert stage.open == 1
    await happens(stage.ended)


async def test_a_client_that_never_reads_is_given_up(
    home: RunningHub, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "STALLED", 0.2)
    with await raw_stream(home, "endless long"):
        await happens(stage.ended)
    assert stage.open == 0


async def test_a_hub_that_stops_waits_for_no_answer(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("hub.app.inference.LocalBackend", lambda *args, **options: Stage())
    async with asyncio.timeout(SECONDS), running_hub(tmp_path / "config") as home:
        client = AsyncOpenAI(base_url=f"{home.url}/v1", api_key=home.token, max_retries=0)
        asking = asyncio.create_task(client.chat.completions.create(model="", messages=saying("endless wait")))
        backend: Any = home.hub.backend
        await happens(backend.begun)
    with pytest.raises(library.APIConnectionError):
        await asking
    await client.close()
