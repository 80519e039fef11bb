"""How models write tool calls: known families as data, and a form of our own for all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    """A way to write tool calls: ``opening`` ``marker`` and white space, JSON, ``closing`` marker.

    ``listed`` calls stand in one JSON list; otherwise each has markers of its own. A call is an object of ``name`` and
    ``arguments``, whose key some families spell otherwise. A ``bare`` form may begin an answer without its marker.
    ``taught`` ones are not known to the model's template: the system message explains them.
    """

    name: str
    marker: str = ""
    before: str = ""
    after: str = ""
    closing: str = ""
    listed: bool = False
    arguments: str = "arguments"
    bare: bool = False
    taught: bool = False

    @property
    def opening(self) -> str:
        """What comes before the JSON."""
        return self.marker + self.before


HERMES = CallForm(name="hermes", marker="<tool_call>", before="\n", after="\n", closing="</tool_call>")
LLAMA3 = CallForm(name="llama3", arguments="parameters", bare=True)
MISTRAL = CallForm(name="mistral", marker="[TOOL_CALLS]", listed=True, bare=True)
TAUGHT = CallForm(name="taught", marker="<tool_call>", before="\n", after="\n", closing="</tool_call>", taught=True)

_SIGNS: tuple[tuple[str, CallForm], ...] = (
    ("<function=", TAUGHT),  # calls as XML, which no grammar of ours writes
    ("[ARGS]", TAUGHT),  # Mistral's newest, where the name is outside of the JSON
    ("<tool_call>", HERMES),
    ("[TOOL_CALLS]", MISTRAL),
    ("<|python_tag|>", LLAMA3),
    ("ipython", LLAMA3),
)


def recognised(template: str) -> CallForm:
    """Return the form that a chat template shows its model."""
    if "tools" not in template:
        return TAUGHT
    return next((form for sign, form in _SIGNS if sign in template), TAUGHT)
