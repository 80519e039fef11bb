"""The sandbox: Jinja that cannot change what it is given, nor loop or grow without end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from jinja2 import Template, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hub.errors import TemplateError
from hub.templates import limits
from hub.templates.functions.function import Function, Use
from hub.templates.rendering import active
from hub.templates.views import viewed

_LOOP, _TEXT = "hearth:loop", "hearth:text"  # no template can write these names


class Environment(ImmutableSandboxedEnvironment):
    """Jinja with the given functions; ``limited`` refuses those that look at the home."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, functions: Iterable[Function], *, limited: bool) -> None:
        super().__init__(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"], optimized=False)
        del self.globals["lipsum"]
        for name in limits.FILTERS:
            self.filters[name] = _bounded(name, self.filters[name])
        self.filters[_LOOP] = _counted
        self.filters[_TEXT] = _short_text
        for function in functions:
            self._offer(function if function.limited or not limited else _refused(function))

    def make(self, text: str) -> Template:
        """Return the compiled template.

        Raises jinja2.TemplateSyntaxError.
        """
        tree = self.parse(text)
        self._bound(tree)
        return self.from_string(tree)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        active().step()
        limits.check_method(obj, args)
        return limits.check_text(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        limits.check_operands(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return viewed(super().getattr(obj, attribute))

    def getitem(self, obj: Any, argument: Any) -> Any:
        return viewed(super().getitem(obj, argument))

    def _offer(self, function: Function) -> None:
        places = {Use.GLOBAL: self.globals, Use.FILTER: self.filters, Use.TEST: self.tests}
        for use, names in places.items():
            if use in function.uses:
                names[function.name] = function.call

    def _bound(self, tree: nodes.Template) -> None:
        """Count the turns of loops, and measure text that is put together."""
        for loop in tree.find_all(nodes.For):
            loop.iter = self._through(_LOOP, loop.iter)
        for block in tree.find_all(nodes.AssignBlock):
            block.filter = self._through(_TEXT, block.filter)
        for parent in list(tree.find_all(nodes.Node)):
            self._measure_concatenations(parent)

    def _measure_concatenations(self, parent: nodes.Node) -> None:
        for field, value in parent.iter_fields():
            if isinstance(value, nodes.Concat):
                setattr(parent, field, self._through(_TEXT, value))
            elif isinstance(value, list):
                value[:] = [self._through(_TEXT, item) if isinstance(item, nodes.Concat) else item for item in value]

    def _through(self, name: str, node: Any) -> nodes.Filter:
        made = nodes.Filter(node, name, [], [], None, None)
        made.set_lineno(node.lineno if node is not None else 1)
        made.set_environment(self)
        return made


@pass_context
def _counted(context: Context, items: Iterable[Any]) -> Any:
    return active().counted(items)


@pass_context
def _short_text(context: Context, value: Any) -> Any:
    active().step()
    return limits.check_text(value)


def _bounded(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the filter ``original`` with a look at its result's size beforehand."""
    kind = getattr(original, "jinja_pass_arg", None)

    @pass_context
    @wraps(original)
    def bounded(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        if name == "join" and not isinstance(value, (str, list, tuple)):
            value = list(value)
        limits.check_filter(name, value, [*args, *kwargs.values()])
        first = {"context": context, "eval_context": context.eval_ctx, "environment": context.environment}
        own = (first[kind.name],) if kind is not None else ()
        return original(*own, value, *args, **kwargs)

    # Not `original`'s way of being called: `wraps` copied that too.
    return pass_context(bounded)


def _refused(function: Function) -> Function:
    def refuse(*_: Any, **__: Any) -> Any:
        raise TemplateError(f"Expected a template that does not look at the home here, got {function.name}")

    return Function(name=function.name, call=refuse, uses=function.uses)
