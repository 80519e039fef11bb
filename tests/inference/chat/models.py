"""Models as their workers describe them: templates built like those of well-known families, with the tokens of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hub.core.inference import Message, RequestedCall, Speaker, Tool
from hub.inference.chat import ChatFormat
from hub.inference.protocol import Ready

_TEMPLATES = Path(__file__).parent / "templates"
_CHATML = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
_PHI = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|endoftext|>", "<|tool|>", "<|/tool|>")
_MISTRAL = (
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_CALLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
)
_LLAMA3 = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>")
_ENDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "llama2": ("<s>", "</s>", ("<unk>",)),
    "llama3": ("<|begin_of_text|>", "<|eot_id|>", _LLAMA3),
    "qwen": ("<|endoftext|>", "<|im_end|>", (*_CHATML, "<tool_call>", "</tool_call>", "<think>", "</think>")),
    "mistral": ("<s>", "</s>", ("<unk>", *_MISTRAL)),
    "gemma": ("<bos>", "<eos>", ("<start_of_turn>", "<end_of_turn>", "<unused0>", "  ")),
    "phi3": ("<s>", "<|end|>", _PHI),
    "phi4": ("<|endoftext|>", "<|end|>", _PHI),
    "chatml": ("<|endoftext|>", "<|im_end|>", _CHATML),
    "plain": ("<s>", "</s>", ("<unk>",)),
}
FAMILIES = tuple(_ENDS)

LIGHT = Tool(
    name="light.turn_on",
    description="Turns a light on",
    parameters={
        "type": "object",
        "properties": {"entity": {"type": "string"}, "level": {"type": "integer"}},
        "required": ["entity"],
    },
)


def ready(family: str, template: str | None = None) -> Ready:
    """Return what a worker says about a model of the family; chatml and plain ones bring no template."""
    begin, end, specials = _ENDS[family]
    path = _TEMPLATES / f"{family}.jinja"
    source = template or (path.read_text() if path.exists() else None)
    return Ready(
        model=family,
        context=4096,
        memory_mb=1.0,
        template=source,
        begin=begin,
        end=end,
        specials=(begin, end, *specials),
    )


def chat_format(family: str, template: str | None = None) -> ChatFormat:
    """Return the way in which a family chats, on a certain day."""
    return ChatFormat(ready(family, template), now=lambda: datetime(2026, 7, 26, 12, tzinfo=UTC))


def system(text: str) -> Message:
    return Message(speaker=Speaker.SYSTEM, text=text)


def user(text: str) -> Message:
    return Message(speaker=Speaker.USER, text=text)


def assistant(text: str = "", *calls: RequestedCall) -> Message:
    return Message(speaker=Speaker.ASSISTANT, text=text, calls=calls)


def call(
    name: str = LIGHT.name, arguments: str = '{"entity": "light.hall"}', call_id: str = "call_4711"
) -> RequestedCall:
    return RequestedCall(call_id=call_id, name=name, arguments=arguments)


def result(text: str, call_id: str = "call_4711") -> Message:
    return Message(speaker=Speaker.TOOL, text=text, call_id=call_id)
