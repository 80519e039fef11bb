"""What a model is asked and what it answers: values that agents, the server and every back end share.

The engine knows prompts only. Messages become a prompt in ``hub.inference.chat``, or on the server that answers them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Protocol, Self


class Priority(IntEnum):
    """Who goes first where not all can: lower numbers. An automation does not wait for a chat."""

    AUTOMATION = 0
    COMMAND = 10
    CHAT = 20
    BACKGROUND = 30


class ConstraintKind(StrEnum):
    """The forms in which it can be said what an answer must look like."""

    LARK = "lark"
    JSON_SCHEMA = "json_schema"
    REGEX = "regex"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What an answer must look like. ``text`` is the grammar, the schema as JSON or the expression; ``options`` a choice's."""

    kind: ConstraintKind
    text: str = ""
    options: tuple[str, ...] = ()

    @classmethod
    def lark(cls, grammar: str) -> Self:
        """A Lark grammar as llguidance reads it."""
        return cls(kind=ConstraintKind.LARK, text=grammar)

    @classmethod
    def json_schema(cls, schema: Mapping[str, Any]) -> Self:
        """A JSON document that fits a JSON schema."""
        return cls(kind=ConstraintKind.JSON_SCHEMA, text=json.dumps(schema))

    @classmethod
    def regex(cls, pattern: str) -> Self:
        """A regular expression, in Rust's syntax, that the whole answer matches."""
        return cls(kind=ConstraintKind.REGEX, text=pattern)

    @classmethod
    def choice(cls, *options: str) -> Self:
        """One of the options, letter by letter."""
        return cls(kind=ConstraintKind.CHOICE, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a token is drawn. The default takes the most likely one; ``top_k`` 0, ``top_p`` 1 and ``min_p`` 0 are off.

    The penalties are OpenAI's: subtracted once for each token that was written (presence), and for each time (frequency).
    The same ``seed`` draws the same, as far as the model's numbers are the same: they vary by a hair with the batch.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


GREEDY = Sampling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a prompt. Only in a ``special`` one does text such as ``<|im_end|>`` mean a token of that name."""

    text: str
    special: bool = False


Prompt = str | tuple[Piece, ...]
"""A text has no special tokens. The token that begins every prompt of a model is put before it in both forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """A prompt for a model and what its answer must look like.

    ``timeout`` in seconds covers waiting and working. ``candidates`` asks for the log-probability of each token and that
    many alternatives to it; None asks for neither. ``shared`` is how many of the first pieces of the prompt other requests
    begin with too: the engine keeps their state. ``stop`` ends the answer before any of these texts.
    """

    prompt: Prompt
    constraint: Constraint | None = None
    max_tokens: int = 128
    sampling: Sampling = GREEDY
    stop: tuple[str, ...] = ()
    candidates: int | None = None
    shared: int = 0
    priority: int = Priority.COMMAND
    timeout: float = 30.0


class FinishReason(StrEnum):
    """Why an answer ended: the model or its grammar did, the limit of tokens, or it asks for tools."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer took. Of ``prompt_tokens``, ``cached_tokens`` were known already; times are seconds.

    ``waited`` is from the request to its admission, ``first`` from the request to the first token, ``duration`` to the last.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    waited: float = 0.0
    first: float = 0.0
    duration: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of an answer. ``log_probability`` is the model's own, before any grammar or sampling.

    ``candidates`` are (text, probability) of what the grammar allowed at this place, most likely first, among the allowed;
    ``outside`` is the model's probability mass that the grammar forbade. ``raw`` has the bytes where they are no whole text.
    """

    text: str
    log_probability: float = 0.0
    candidates: tuple[tuple[str, float], ...] = ()
    outside: float = 0.0
    raw: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A part of an answer as it is written. The last one, and only it, has ``finish`` and ``usage``."""

    text: str = ""
    tokens: tuple[Token, ...] = ()
    finish: FinishReason | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer; ``tokens`` if the request asked for candidates."""

    text: str
    tokens: tuple[Token, ...] = ()
    finish: FinishReason = FinishReason.STOP
    usage: Usage = Usage()


class Speaker(StrEnum):
    """Whose a message of a chat is."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCall:
    """A tool call that a model asks for; ``arguments`` is a JSON object as text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a chat. ``calls`` are an assistant's; ``call_id`` says which call a tool's message answers."""

    speaker: Speaker
    text: str = ""
    calls: tuple[RequestedCall, ...] = ()
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What a model may ask to be called. ``parameters`` is the JSON schema of its arguments, an object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


class ToolUse(StrEnum):
    """Whether the model may, must, or must not call tools."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat to go on with. ``tool`` names the one that must be called; otherwise ``tool_use`` says.

    ``several``: an answer may call more than one tool, unless one is named. ``max_tokens`` None is as much as the window has left. The other fields are those of a CompletionRequest.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_use: ToolUse = ToolUse.AUTO
    tool: str | None = None
    several: bool = True
    constraint: Constraint | None = None
    max_tokens: int | None = None
    sampling: Sampling = GREEDY
    stop: tuple[str, ...] = ()
    candidates: int | None = None
    priority: int = Priority.CHAT
    timeout: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDelta:
    """A part of the call number ``index``: ``call_id`` and ``name`` come with its first part only."""

    index: int
    arguments: str = ""
    call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDelta(Delta):
    """A part of a chat's answer."""

    calls: tuple[CallDelta, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequest:
    """A prompt that ends where one of the ``options`` would stand: which one?"""

    prompt: Prompt
    options: tuple[str, ...]
    shared: int = 0
    priority: int = Priority.AUTOMATION
    timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedOption:
    """An option, its ``probability`` among the options, and the model's own, ``unmasked``, among everything it could say."""

    text: str
    probability: float
    unmasked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The options, most likely first. ``outside`` is the mass of all other answers: near 1, the model had none of these in mind."""

    options: tuple[RankedOption, ...]
    outside: float
    usage: Usage = Usage()

    @property
    def best(self) -> RankedOption:
        """The most likely option."""
        return self.options[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRequest:
    """Texts to place in the model's space of meanings."""

    texts: tuple[str, ...]
    priority: int = Priority.BACKGROUND
    timeout: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """A vector of length 1 for each text, in order."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendCapabilities:
    """What a back end can do. ``context`` is the tokens that prompt and answer share, None if nobody says."""

    chat: bool = True
    tools: bool = True
    constraints: frozenset[ConstraintKind] = frozenset(ConstraintKind)
    decide: bool = True
    embed: bool = True
    candidates: int = 20
    context: int | None = None


class InferenceBackend(Protocol):
    """A model at work somewhere: in the worker process, on a server, or scripted.

    Every request raises ModelUnavailable, WorkerDied, QueueFull, PromptTooLong, or InferenceError, for example when its time
    is up. Cancelling a call, or closing its iterator, frees the model.
    """

    @property
    def model(self) -> str | None:
        """The model's name, or None while there is none."""

    @property
    def capabilities(self) -> BackendCapabilities:
        """What can be asked of it."""

    def status(self) -> Mapping[str, Any]:
        """Return ``state`` (ready, loading, restarting, missing, failed), ``model``, ``reason``, ``memory_mb``."""

    def generate(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Yield the answer to a prompt as it is written."""

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the whole answer to a prompt."""

    def chat(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Yield the next message of a chat as it is written."""

    async def decide(self, request: DecisionRequest) -> Ranking:
        """Return how likely each option is."""

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the texts' vectors."""


async def collect(deltas: AsyncIterator[Delta]) -> Completion:
    """Return the whole answer that a back end's deltas make."""
    text: list[str] = []
    tokens: list[Token] = []
    finish, usage = FinishReason.STOP, Usage()
    async for delta in deltas:
        text.append(delta.text)
        tokens += delta.tokens
        finish, usage = delta.finish or finish, delta.usage or usage
    return Completion(text="".join(text), tokens=tuple(tokens), finish=finish, usage=usage)
