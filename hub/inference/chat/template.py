"""A model's chat template: messages and tools become a prompt of pieces, in which only the template's own words are special."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import jinja2

from hub.core.inference import Message, Piece, Tool
from hub.errors import InferenceError, TemplateError, Unanswerable
from hub.inference.chat.dialogue import as_fields, described
from hub.inference.chat.environment import ChatEnvironment, local_time
from hub.inference.chat.untrusted import Disguise
from hub.templates.limits import MAX_OUTPUT
from hub.templates.rendering import started

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""For models that have its tokens and bring no template."""

PLAIN = (
    "{% for message in messages %}{% if message.role == 'system' %}{{ message.content }}\n\n"
    "{% else %}{{ message.role | capitalize }}: {{ message.content }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For models that know of no chats: who speaks stands before each message, and a new ``User:`` ends the answer."""
PLAIN_STOP = ("\nUser:",)

_FAILURES = (
    jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError,
    NotImplementedError,
)  # fmt: skip
"""What the code of a template can raise."""
_MAX_SOURCE = 256 * 1024


class ChatTemplate:
    """Renders a Jinja chat template from a model's file, which is not trusted: in a sandbox, with limits.

    ``specials`` are the texts of the model's special tokens, ``begin`` and ``end`` those of its BOS and EOS.
    """

    def __init__(
        self,
        source: str,
        *,
        specials: Iterable[str] = (),
        begin: str = "",
        end: str = "",
        now: Callable[[], datetime] = local_time,
    ) -> None:
        self.source = source
        self._begin, self._end = begin, end
        self._disguise = Disguise({*specials, begin, end} - {""})
        self._template = self._compiled(source, now)

    @property
    def specials(self) -> frozenset[str]:
        """The texts that are tokens where the template says them."""
        return self._disguise.specials

    def render(
        self, messages: Sequence[Message], tools: Sequence[Tool] = (), beginning: str = ""
    ) -> tuple[tuple[Piece, ...], int]:
        """Return the prompt, and how many of its first pieces lie within the ``beginning`` that other prompts share.

        The model's first token is left out, since the engine puts it before every prompt.
        Raises InferenceError if the template fails or refuses.
        """
        rendered = self._rendered(messages, tools)
        pieces, shared = self._disguise.pieces(rendered, _common(rendered, beginning))
        if pieces and pieces[0] == Piece(text=self._begin, special=True):
            pieces, shared = pieces[1:], max(0, shared - 1)
        return pieces, shared

    def beginning(self, one: Sequence[Message], other: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        """Return what the prompts of two chats both begin with, in the private characters in which it is compared.

        Raises InferenceError if the template fails or refuses.
        """
        text = self._rendered(one, tools)
        return text[: _common(text, self._rendered(other, tools))]

    def text(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        """Return the prompt as people read it.

        Raises InferenceError if the template fails or refuses.
        """
        return self._disguise.reveal(self._rendered(messages, tools))

    def _compiled(self, source: str, now: Callable[[], datetime]) -> jinja2.Template:
        if len(source) > _MAX_SOURCE:
            raise InferenceError(f"Expected a chat template of at most {_MAX_SOURCE} characters, got {len(source)}")
        try:
            return ChatEnvironment(self._disguise, now).make(source)
        except (jinja2.TemplateError, RecursionError) as error:
            raise InferenceError(f"Expected a chat template that compiles, got: {error}") from None

    def _rendered(self, messages: Sequence[Message], tools: Sequence[Tool]) -> str:
        try:
            variables = self._variables(messages, tools)
            with started():
                return _limited(self._template.generate(variables))
        except TemplateError as error:
            raise Unanswerable(str(error)) from None
        except _FAILURES as error:
            reason = self._disguise.reveal(str(error))
            raise InferenceError(f"The model's chat template fails: {type(error).__name__}: {reason}") from None

    def _variables(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Mapping[str, Any]:
        return {
            "messages": as_fields(messages, self._disguise.hide),
            "tools": self._disguise.hide([described(tool) for tool in tools]) or None,
            "bos_token": self._begin,
            "eos_token": self._end,
            "add_generation_prompt": True,
        }


def _common(text: str, beginning: str) -> int:
    """Return how many characters both begin with."""
    if text.startswith(beginning):
        return len(beginning)
    pairs = enumerate(zip(text, beginning, strict=False))
    return next((at for at, (one, other) in pairs if one != other), len(text))


def _limited(parts: Iterable[str]) -> str:
    length, kept = 0, []
    for part in parts:
        length += len(part)
        if length > MAX_OUTPUT:
            raise TemplateError(f"Expected a chat of at most {MAX_OUTPUT} characters, got more")
        kept.append(part)
    return "".join(kept)
