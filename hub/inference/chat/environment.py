"""The sandbox for models' chat templates: as Hugging Face renders them, with the limits of the hub's own templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

from hub.errors import TemplateError
from hub.inference.chat.untrusted import Disguise, Fields
from hub.templates.environment import Environment

_COMPARED = "hearth:compared"  # no template can write this name
_SEARCHES = frozenset({
    "count", "endswith", "find", "index", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex",
    "rpartition", "rsplit", "rstrip", "split", "startswith", "strip",
})  # fmt: skip
_CASES = ("capitalize", "casefold", "lower", "swapcase", "title", "upper")
_EQUALITIES = ("==", "eq", "equalto", "!=", "ne", "in")


class Generation(Extension):
    """``{% generation %}`` marks what trainers look at; here its content is rendered like any other."""

    tags = {"generation"}  # noqa: RUF012 - how Jinja's extensions are written

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what is between the tags."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class ChatEnvironment(Environment):
    """Jinja whose comparisons and searches see through the disguise of untrusted text."""

    def __init__(self, disguise: Disguise, now: Callable[[], datetime]) -> None:
        super().__init__((), limited=True)
        self._disguise = disguise
        self.trim_blocks = self.lstrip_blocks = True
        self.add_extension(Generation)
        self.globals |= {"raise_exception": _refuse, "strftime_now": lambda form: now().strftime(form)}
        self.filters |= {"tojson": self._as_json, _COMPARED: disguise.comparable}
        self.filters |= {name: self._in_case(self.filters[name]) for name in _CASES if name in self.filters}
        self.filters["replace"] = self._searching(self.filters["replace"])
        self.tests |= {name: self._seeing_through(self.tests[name]) for name in _EQUALITIES}

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function of a template; those that search text see through the disguise."""
        text, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(text, str) and self._disguise.is_hidden(text):
            if name in _SEARCHES:
                args = (*map(self._disguise.comparable, args[:1]), *args[1:])
            elif name in _CASES:
                return self._disguise.comparable(getattr(self._disguise.reveal(text), name)(*args))
        return super().call(context, obj, *args, **kwargs)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item; a template's own mapping is asked for a key as people read it."""
        if isinstance(obj, dict) and not isinstance(obj, Fields) and isinstance(argument, str):
            argument = self._disguise.reveal(argument)
        return super().getitem(obj, argument)

    def _bound(self, tree: nodes.Template) -> None:
        super()._bound(tree)
        for compare in tree.find_all(nodes.Compare):
            sides: list[nodes.Compare | nodes.Operand] = [compare, *compare.ops]
            for side in sides:
                side.expr = self._through(_COMPARED, side.expr)

    def _as_json(
        self,
        value: Any,
        ensure_ascii: bool = False,
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> Any:
        made = json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
        return self._disguise.comparable(made)

    def _in_case(self, original: Callable[..., Any]) -> Callable[[Any], Any]:
        def changed(value: Any) -> Any:
            text = str(value)
            hidden = self._disguise.is_hidden(text)
            return self._disguise.comparable(original(self._disguise.reveal(text))) if hidden else original(text)

        return changed

    def _searching(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @pass_context
        def replaced(context: Context, value: Any, old: str, *others: Any) -> Any:
            hidden = self._disguise.is_hidden(str(value))
            return original(context, value, self._disguise.comparable(old) if hidden else old, *others)

        return replaced

    def _seeing_through(self, original: Any) -> Callable[..., Any]:
        return lambda left, right: original(self._disguise.comparable(left), self._disguise.comparable(right))


def _refuse(reason: str) -> None:
    raise TemplateError(f"The model's chat template refuses these messages: {reason}")


def local_time() -> datetime:
    """Return the time here, for templates that write the date."""
    return datetime.now(UTC).astimezone()
