"""The description of the REST API, and schemathesis holding the hub against it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode, checks

from hub.server.web import COMMANDS, ROUTES
from hub.testing import RunningHub

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
LEFT_OUT = {"/api/websocket"}
"""What no plain request can use."""
SHORT, LONG = 4, 150
CHECKED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


def operations(*, model: bool = False) -> list[Any]:
    """Return method and path of everything in the description: of what the model answers itself (``model``), or of all else."""
    paths = json.loads(DOCUMENT.read_text())["paths"].items()
    wanted = [(path, methods) for path, methods in paths if path.startswith("/v1/") == model and path not in LEFT_OUT]
    everything = [(method, path) for path, methods in wanted for method in methods]
    return [pytest.param(method, path, id=f"{method} {path}") for method, path in everything]


async def test_the_hub_describes_itself_as_the_reference_does(home: RunningHub, http: aiohttp.ClientSession) -> None:
    async with http.get("/api/openapi.json", headers=home.headers) as response:
        assert await response.json() == json.loads(DOCUMENT.read_text())


@pytest.mark.parametrize(("method", "path"), operations())
async def test_answers_are_as_described(home: RunningHub, method: str, path: str) -> None:
    await asyncio.to_thread(hold_to_description, home, method, path, SHORT)


@pytest.mark.long
@pytest.mark.parametrize(("method", "path"), operations())
async def test_answers_are_as_described_whatever_comes(home: RunningHub, method: str, path: str) -> None:
    await asyncio.to_thread(hold_to_description, home, method, path, LONG)


def hold_to_description(home: RunningHub, method: str, path: str, examples: int) -> None:
    """Send so many requests of all kinds, in a thread: schemathesis waits for each answer."""
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))
    operation = schema[path][method]

    whatever = operation.as_strategy()
    if operation.body or list(operation.iter_parameters()):  # there is something to be got wrong
        whatever |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == SHORT,
        suppress_health_check=[*HealthCheck],
    )
    @hypothesis.given(case=whatever)
    def hold(case: Any) -> None:
        response = case.call(base_url=home.url, headers=home.headers, timeout=20)
        case.validate_response(response, checks=CHECKED)

    hold()


async def test_every_route_and_command_says_what_it_does(home: RunningHub) -> None:
    routes, commands = home.hub.application[ROUTES], home.hub.application[COMMANDS]
    assert [route.path for route in routes if not route.summary.endswith(".")] == []
    assert [command.name for command in commands.values() if not command.summary.endswith(".")] == []


async def test_every_answer_of_the_api_has_its_own_name() -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"].values()
    names = [operation["operationId"] for path in paths for operation in path.values()]
    assert len(names) == len(set(names)) > 40
