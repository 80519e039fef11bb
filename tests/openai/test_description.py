"""schemathesis holding what the model answers against the description of the API."""

from __future__ import annotations

import asyncio

import pytest

from hub.testing import RunningHub
from tests.server.test_openapi import LONG, SHORT, hold_to_description, operations

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(("method", "path"), operations(model=True))
async def test_answers_are_as_described(home: RunningHub, method: str, path: str) -> None:
    await asyncio.to_thread(hold_to_description, home, method, path, SHORT)


@pytest.mark.long
@pytest.mark.parametrize(("method", "path"), operations(model=True))
async def test_answers_are_as_described_whatever_comes(home: RunningHub, method: str, path: str) -> None:
    await asyncio.to_thread(hold_to_description, home, method, path, LONG)
