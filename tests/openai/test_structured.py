from __future__ import annotations

import json
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError
from pydantic import BaseModel

from hub.core.inference import ChatRequest, CompletionRequest, Constraint, ConstraintKind
from tests.openai.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASKED: Any = [{"role": "user", "content": "json, please"}]


class Room(BaseModel):
    name: str
    lights: int


def constraint(stage: Stage) -> Constraint | None:
    (request,) = stage.requests
    assert isinstance(request, ChatRequest | CompletionRequest)
    return request.constraint


async def test_an_answer_is_parsed_into_a_model_of_pydantic(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.chat.completions.parse(model="scripted", messages=ASKED, response_format=Room)
    assert answer.choices[0].message.parsed == Room(name="kitchen", lights=3)
    held = constraint(stage)
    assert held is not None
    assert held.kind is ConstraintKind.JSON_SCHEMA
    assert json.loads(held.text)["properties"]["lights"] == {"title": "Lights", "type": "integer"}


async def test_a_stream_is_parsed_into_a_model_of_pydantic(openai: AsyncOpenAI) -> None:
    async with openai.chat.completions.stream(model="scripted", messages=ASKED, response_format=Room) as stream:
        answer = await stream.get_final_completion()
    assert answer.choices[0].message.parsed == Room(name="kitchen", lights=3)


SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}
FORMS: list[tuple[dict[str, Any], Constraint | None]] = [
    ({"response_format": {"type": "text"}}, None),
    ({"response_format": None, "guided_regex": None}, None),
    ({"response_format": {"type": "json_object"}}, Constraint.json_schema({"type": "object"})),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}}},
        Constraint.json_schema(SCHEMA),
    ),
    ({"guided_json": SCHEMA}, Constraint.json_schema(SCHEMA)),
    ({"guided_json": json.dumps(SCHEMA)}, Constraint.json_schema(SCHEMA)),
    ({"guided_regex": "[0-9]+"}, Constraint.regex("[0-9]+")),
    ({"guided_choice": ["on", "off"]}, Constraint.choice("on", "off")),
    ({"guided_grammar": 'start: "a"'}, Constraint.lark('start: "a"')),
    ({"structured_outputs": {"json": SCHEMA}}, Constraint.json_schema(SCHEMA)),
    ({"structured_outputs": {"json_object": True}}, Constraint.json_schema({"type": "object"})),
    ({"structured_outputs": {"regex": "[0-9]+"}}, Constraint.regex("[0-9]+")),
    ({"structured_outputs": {"choice": ["on", "off"]}}, Constraint.choice("on", "off")),
    ({"structured_outputs": {"grammar": 'start: "a"'}}, Constraint.lark('start: "a"')),
]


@pytest.mark.parametrize(("said", "expected"), FORMS)
async def test_each_form_of_an_answer_holds_the_model_to_it(
    openai: AsyncOpenAI, stage: Stage, said: dict[str, Any], expected: Constraint | None
) -> None:
    await openai.chat.completions.create(model="scripted", messages=ASKED, extra_body=said)
    assert constraint(stage) == expected
    stage.requests.clear()
    await openai.completions.create(model="scripted", prompt="json", extra_body=said)
    assert constraint(stage) == expected


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"response_format": {"type": "yaml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format.json_schema.schema"),
    ({"response_format": "json"}, "response_format"),
    ({"guided_json": "{"}, "guided_json"),
    ({"guided_json": deep(400)}, "guided_json"),
    ({"guided_choice": []}, "guided_choice"),
    ({"guided_choice": ["on", 1]}, "guided_choice[1]"),
    ({"guided_regex": "a", "guided_choice": ["b"]}, "guided_choice"),
    ({"guided_regex": "a" * 100_000}, "guided_regex"),
    ({"structured_outputs": {"regex": 3}}, "structured_outputs.regex"),
]


@pytest.mark.parametrize(("said", "param"), WRONG)
async def test_what_is_wrong_with_a_form_is_named(openai: AsyncOpenAI, said: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai.chat.completions.create(model="scripted", messages=ASKED, extra_body=said)
    assert caught.value.param == param


async def test_a_form_that_the_model_cannot_be_held_to_is_refused(
    openai: AsyncOpenAI, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = type(stage.capabilities)(constraints=frozenset({ConstraintKind.JSON_SCHEMA}))
    monkeypatch.setattr(stage, "_capabilities", able)
    with pytest.raises(BadRequestError, match="cannot be held to regex"):
        await openai.chat.completions.create(model="scripted", messages=ASKED, extra_body={"guided_regex": "a"})
