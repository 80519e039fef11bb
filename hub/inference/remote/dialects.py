"""What OpenAI-compatible servers do differently, as data; and which of them answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.core.inference import Constraint, ConstraintKind

Body = dict[str, Any]
Saying = Callable[[Constraint], Body]
"""What is added to a request's body to say what the answer must look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A kind of server. ``chat`` and ``completion`` say how each constraint is asked for there; others cannot be.

    ``candidates`` is the most alternatives to a token that it tells. ``obliges`` says that it can be made to call a tool.
    ``tokenises`` says that it has llama-server's ``/tokenize``, by which text is kept from meaning special tokens.
    """

    name: str
    chat: Mapping[ConstraintKind, Saying] = field(default_factory=dict)
    completion: Mapping[ConstraintKind, Saying] = field(default_factory=dict)
    candidates: int = 20
    obliges: bool = True
    tokenises: bool = False


def _response_format(constraint: Constraint) -> Body:
    schema = {"name": "answer", "schema": json.loads(constraint.text), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _llama_schema(constraint: Constraint) -> Body:
    return {"json_schema": json.loads(constraint.text)}


def _llama_choice(constraint: Constraint) -> Body:
    """Return the choice as GBNF, whose quotes are JSON's."""
    return {
        "grammar": f"root ::= {' | '.join(json.dumps(option, ensure_ascii=False) for option in constraint.options)}"
    }


def _guided(constraint: Constraint) -> Body:
    return {f"guided_{form}": value for form, value in _structured(constraint).items()}


def _structured_outputs(constraint: Constraint) -> Body:
    return {"structured_outputs": _structured(constraint)}


def _structured(constraint: Constraint) -> Body:
    match constraint.kind:
        case ConstraintKind.JSON_SCHEMA:
            return {"json": json.loads(constraint.text)}
        case ConstraintKind.CHOICE:
            return {"choice": list(constraint.options)}
        case ConstraintKind.REGEX:
            return {"regex": constraint.text}
        case ConstraintKind.LARK:
            return {"grammar": constraint.text}


_VLLM_KINDS = (ConstraintKind.JSON_SCHEMA, ConstraintKind.REGEX, ConstraintKind.CHOICE)  # its grammars are no Lark
_GUIDED = dict.fromkeys(_VLLM_KINDS, _guided)
_STRUCTURED = dict.fromkeys(_VLLM_KINDS, _structured_outputs)
_EVERYTHING = dict.fromkeys(ConstraintKind, _structured_outputs)
_SCHEMA = {ConstraintKind.JSON_SCHEMA: _response_format}
_LLAMA_CHOICE = {ConstraintKind.CHOICE: _llama_choice}

OPENAI = Dialect(name="openai", chat=_SCHEMA, candidates=5)
"""Any server of which no more is known."""
HEARTH = Dialect(name="hearth", chat=_EVERYTHING, completion=_EVERYTHING)
VLLM = Dialect(name="vllm", chat=_STRUCTURED, completion=_STRUCTURED)
VLLM_BEFORE_0_11 = Dialect(name="vllm", chat=_GUIDED, completion=_GUIDED)
LLAMA_SERVER = Dialect(
    name="llama-server",
    chat={**_SCHEMA, **_LLAMA_CHOICE},
    completion={ConstraintKind.JSON_SCHEMA: _llama_schema, **_LLAMA_CHOICE},
    candidates=100,
    tokenises=True,
)
OLLAMA = Dialect(name="ollama", chat=_SCHEMA, obliges=False)
DIALECTS = {dialect.name: dialect for dialect in (OPENAI, HEARTH, VLLM, LLAMA_SERVER, OLLAMA)}

_OWNERS = {"hearth": HEARTH, "vllm": VLLM, "llamacpp": LLAMA_SERVER, "library": OLLAMA}
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A model on a server: its id, the tokens of its window where that is said, and how the server is talked to."""

    model: str
    dialect: Dialect
    context: int | None = None


def recognised(row: Mapping[str, Any]) -> Dialect:
    """Return the dialect of the server that lists this model."""
    return _OWNERS.get(str(row.get("owned_by", "")), OPENAI)


def context_of(row: Mapping[str, Any]) -> int | None:
    """Return the window of a listed model, as vLLM and Hearth or as llama-server say it."""
    meta = row.get("meta")
    said = row.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, Mapping) else None)
    return said if isinstance(said, int) and said > 0 else None


def of_version(dialect: Dialect, version: object) -> Dialect:
    """Return the dialect that a server of this version speaks."""
    found = _VERSION.match(str(version))
    if dialect is VLLM and found and (int(found[1]), int(found[2])) < (0, 11):
        return VLLM_BEFORE_0_11
    return dialect


def limited(dialect: Dialect, candidates: int) -> Dialect:
    """Return the dialect of a server that tells fewer candidates than others of its kind."""
    return replace(dialect, candidates=min(candidates, dialect.candidates))
