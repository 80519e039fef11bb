"""States: one, several, and questions about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.core.state import UNAVAILABLE, UNKNOWN
from hub.templates.functions.function import BOTH, MISSING, Function, Use
from hub.templates.home import Home
from hub.templates.views import AllStates, StateView, look_up


def functions(home: Home) -> Iterable[Function]:
    """Return the functions that look at states."""
    looks = _Looks(home)
    yield Function(name="states", call=AllStates(home.states), limited=False)
    yield Function(name="state_attr", call=looks.state_attr, limited=False)
    yield Function(name="has_value", call=looks.has_value, uses=BOTH | Use.TEST, limited=False)
    yield Function(name="is_state", call=looks.is_state, uses=Use.GLOBAL | Use.TEST, limited=False)
    yield Function(name="is_state_attr", call=looks.is_state_attr, uses=Use.GLOBAL | Use.TEST, limited=False)
    yield Function(name="expand", call=looks.expand, limited=False)


class _Looks:
    def __init__(self, home: Home) -> None:
        self._states = home.states

    def state_attr(self, entity_id: str, name: str) -> Any:
        view = look_up(self._states, entity_id)
        return view.attributes.get(name) if view else None

    def has_value(self, entity_id: str) -> bool:
        view = look_up(self._states, entity_id)
        return view is not None and view.state not in (UNKNOWN, UNAVAILABLE)

    def is_state(self, entity_id: str, state: str | list[str]) -> bool:
        view = look_up(self._states, entity_id)
        return view is not None and (view.state == state or (isinstance(state, list) and view.state in state))

    def is_state_attr(self, entity_id: str, name: str, value: Any) -> bool:
        view = look_up(self._states, entity_id)
        return view is not None and bool(view.attributes.get(name, MISSING) == value)

    def expand(self, *entities: Any) -> list[StateView]:
        """Return the states of entities, of the members of groups, and of lists of either."""
        waiting, found = list(entities), dict[str, StateView]()
        while waiting:
            item = waiting.pop()
            view = look_up(self._states, item) if isinstance(item, str) else item
            if not isinstance(view, StateView):
                waiting.extend(view if isinstance(view, Iterable) else ())
            elif view.entity_id not in found:
                members = view.attributes.get("entity_id") if view.domain == "group" else None
                waiting.extend(members or ())
                if members is None:
                    found[view.entity_id] = view
        return sorted(found.values(), key=lambda view: view.entity_id)
