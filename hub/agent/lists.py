"""To-do lists: which one is meant, and how an item is written on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hub.agent.calls import Call
from hub.agent.home import Home, Thing
from hub.agent.lexicon import SHOPPING, says
from hub.agent.normalise import contains, normalise
from hub.agent.phrases import Phrases
from hub.agent.targets import Problem, Targets
from hub.agent.tools import Step
from hub.core.actions import ActionResult

LIST_TOOLS = frozenset({"add", "done", "remove", "items"})

_ALL = {"status": ["needs_action", "completed"]}
_MOST_ITEMS = 20


def find(call: Call, utterance: str, home: Home) -> Targets:
    """Return the list that a call means: the one named, else the shopping list, else the only one."""
    lists = [thing for thing in home.things if thing.domain == "todo"]
    if not lists:
        return Targets(problem=Problem.UNKNOWN)
    named = _named(lists, call.name) if call.name else _mentioned(lists, call, utterance)
    shopping = [thing for thing in lists if any(says(name, SHOPPING) for name in thing.names)]
    for some in (named, shopping, lists):
        if len(some) == 1:
            return Targets(things=tuple(some))
        if some and some is not lists:
            break
    return Targets(problem=Problem.WHICH, candidates=tuple(named or shopping or lists))


def _named(lists: list[Thing], name: str) -> list[Thing]:
    exact = [thing for thing in lists if name in thing.names]
    return exact or [thing for thing in lists if any(contains(own, name) for own in thing.names)]


def _mentioned(lists: list[Thing], call: Call, utterance: str) -> list[Thing]:
    """Return the lists that are named besides the item: "chores" is none in "add chores to the list"."""
    rest = f" {utterance} ".replace(f" {call.text} ", " ", 1).strip() if call.text else utterance
    return [thing for thing in lists if any(contains(rest, name) for name in thing.names)]


async def as_written(step: Step, ask: Callable[[Step], Awaitable[ActionResult]]) -> Step:
    """Return a step with its item as the list has it: "milk" is said, "Milk" is written.

    ``ask`` carries out a step. What is not on the list stays as it was said: the list refuses it.
    """
    if step.action not in ("todo.update_item", "todo.remove_item"):
        return step
    result = await ask(Step(action="todo.get_items", things=step.things, data=_ALL))
    said = normalise(str(step.data["item"]))
    written = next((item for item in _summaries(result.response) if normalise(item) == said), step.data["item"])
    return replace(step, data={**step.data, "item": written})


def tell(thing: Thing, response: Mapping[str, Any] | None, phrases: Phrases) -> str:
    """Return what is on a list, in words."""
    items = list(_summaries(response))
    if not items:
        return phrases.say("list.empty", name=phrases.name(thing))
    told = phrases.join(items[:_MOST_ITEMS])
    key = "list.items" if len(items) <= _MOST_ITEMS else "list.many"
    return phrases.say(key, name=phrases.name(thing), items=told, count=len(items))


def _summaries(response: Mapping[str, Any] | None) -> Iterator[str]:
    for answer in (response or {}).values():
        for item in answer.get("items", ()):
            yield str(item["summary"])
