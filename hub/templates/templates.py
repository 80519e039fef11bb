"""Rendering templates: the one door to Jinja."""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from types import TracebackType
from typing import Any

import jinja2

from hub.core.clock import Clock
from hub.core.registry import Registries
from hub.core.states import States
from hub.errors import TemplateError
from hub.templates.environment import Environment
from hub.templates.functions import all_functions
from hub.templates.home import Home
from hub.templates.limits import MAX_OUTPUT
from hub.templates.rendering import started
from hub.templates.results import parse

_MAX_SOURCE = 256 * 1024
_CACHE_SIZE = 2048
_MARKS = re.compile(r"\{[{%#]")
_FAILURES = (
    jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, MemoryError,
    OSError, NotImplementedError,
)  # fmt: skip
"""What the code of a template can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderInfo:
    """A result and what it depends on: these entities, all of these domains, everything, the time.

    ``error`` says why there is no result; what was looked at until then is known all the same.
    """

    result: Any = None
    error: TemplateError | None = None
    entities: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    all_states: bool = False
    time: bool = False

    def depends_on(self, entity_id: str) -> bool:
        """Say whether a change of this entity may change the result."""
        return self.all_states or entity_id in self.entities or entity_id.partition(".")[0] in self.domains

    def listeners(self) -> dict[str, Any]:
        """Return what it depends on as ``render_template`` shows it."""
        return {
            "all": self.all_states,
            "entities": sorted(self.entities),
            "domains": sorted(self.domains),
            "time": self.time,
        }


def is_template(value: object) -> bool:
    """Say whether ``value`` is text with something to render in it."""
    return isinstance(value, str) and _MARKS.search(value) is not None


def has_template(value: object) -> bool:
    """Say whether there is something to render in ``value``, or somewhere in its mappings and lists."""
    if isinstance(value, Mapping):
        return any(has_template(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple)):
        return any(has_template(item) for item in value)
    return is_template(value)


class Templates:
    """Renders templates, compiled once. ``limited`` ones cannot look at the home."""

    def __init__(self, states: States, registries: Registries, clock: Clock, time_zone: tzinfo) -> None:
        self.home = Home(states, registries, clock, time_zone)
        functions = list(all_functions(self.home))
        self._environments = {limited: Environment(functions, limited=limited) for limited in (False, True)}
        self._compiled: OrderedDict[tuple[str, bool], jinja2.Template] = OrderedDict()

    def render(
        self,
        template: str,
        variables: Mapping[str, Any] | None = None,
        *,
        limited: bool = False,
        parse_result: bool = True,
    ) -> Any:
        """Return the rendered text, or with ``parse_result`` the number, list or mapping that it is the text of.

        Raises TemplateError.
        """
        return self.render_info(template, variables, limited=limited, parse_result=parse_result).result

    def render_info(
        self,
        template: str,
        variables: Mapping[str, Any] | None = None,
        *,
        limited: bool = False,
        parse_result: bool = True,
    ) -> RenderInfo:
        """Return the rendered value with what it depends on.

        Raises TemplateError.
        """
        info = self.follow(template, variables, limited=limited, parse_result=parse_result)
        if info.error is not None:
            raise info.error
        return info

    def follow(
        self,
        template: str,
        variables: Mapping[str, Any] | None = None,
        *,
        limited: bool = False,
        parse_result: bool = True,
    ) -> RenderInfo:
        """Return the rendered value with what it depends on, also where it fails: then ``error`` says why."""
        if not is_template(template):
            return RenderInfo(result=parse(template) if parse_result else template)
        text, error = "", None
        with started() as rendering:
            try:
                text = self._text(template, variables or {}, limited)
            except TemplateError as failure:
                error = failure
        return RenderInfo(
            result=None if error else parse(text) if parse_result else text,
            error=error,
            entities=frozenset(rendering.entities),
            domains=frozenset(rendering.domains),
            all_states=rendering.all_states,
            time=rendering.time,
        )

    def render_complex(self, value: Any, variables: Mapping[str, Any] | None = None, *, limited: bool = False) -> Any:
        """Return ``value`` with every template in its mappings and lists rendered; other text stays as it is.

        Raises TemplateError.
        """
        if isinstance(value, Mapping):
            render: Callable[[Any], Any] = lambda item: self.render_complex(item, variables, limited=limited)  # noqa: E731
            return {render(key): render(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.render_complex(item, variables, limited=limited) for item in value]
        return self.render(value, variables, limited=limited) if is_template(value) else value

    def check(self, template: str, *, limited: bool = False) -> None:
        """Do nothing if the template compiles.

        Raises TemplateError.
        """
        self._template(template, limited)

    def _template(self, text: str, limited: bool) -> jinja2.Template:
        key = (text, limited)
        if key in self._compiled:
            self._compiled.move_to_end(key)
            return self._compiled[key]
        if len(text) > _MAX_SOURCE:
            raise TemplateError(f"Expected a template of at most {_MAX_SOURCE} characters, got {len(text)}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # Jinja reads '\d' as Python once did
                template = self._environments[limited].make(text)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"Expected a template, got {error.message} {_at(text, error.lineno)}") from None
        except RecursionError:
            raise TemplateError(f"Expected a simpler template, got one too deep {_at(text, 1)}") from None
        self._compiled[key] = template
        if len(self._compiled) > _CACHE_SIZE:
            self._compiled.popitem(last=False)
        return template

    def _text(self, text: str, variables: Mapping[str, Any], limited: bool) -> str:
        template = self._template(text, limited)
        try:
            return _limited(template, variables).strip()
        except TemplateError as error:
            raise TemplateError(f"{error} {_at(text, _line(template, error.__traceback__))}") from None
        except _FAILURES as error:
            message = f"Expected a template that renders, got {_reason(error)}"
            raise TemplateError(f"{message} {_at(text, _line(template, error.__traceback__))}") from None


def _limited(template: jinja2.Template, variables: Mapping[str, Any]) -> str:
    length, parts = 0, []
    # Not `template.new_context`: it looks each of 150 globals up, one by one, which costs ten times the rendering.
    environment = template.environment
    names = {**environment.globals, **variables}
    context = environment.context_class(environment, names, template.name, template.blocks)
    for part in template.root_render_func(context):
        length += len(part)
        if length > MAX_OUTPUT:
            raise TemplateError(f"Expected at most {MAX_OUTPUT} characters from a template, got more")
        parts.append(part)
    return "".join(parts)


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"


def _line(template: jinja2.Template, traceback: TracebackType | None) -> int:
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def _at(text: str, line: int) -> str:
    """Return where in a template something is wrong, with the text of that line."""
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1].strip()
    excerpt = shown if len(shown) <= 100 else f"{shown[:97]}..."
    return f"at line {line} of the template: {excerpt}" if len(lines) > 1 else f"in the template {excerpt!r}"
