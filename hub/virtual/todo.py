"""``todo``: lists of things to do. The state is how many are not done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from hub.core.bus import Unlisten
from hub.core.events import isoformat
from hub.core.ids import new_id
from hub.entities import TodoListFeature
from hub.errors import InvalidInput, NotFound
from hub.virtual.definition import NAMED, Definition, Item
from hub.virtual.helper import Helper, Surroundings

OPEN, DONE = "needs_action", "completed"

DEFINITION = Definition(domain="todo", fields=NAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do. ``due`` is a date or a date and time in ISO form, ``completed`` when it was done."""

    uid: str
    summary: str
    status: str = OPEN
    due: str | None = None
    description: str | None = None
    completed: str | None = None

    def as_dict(self) -> dict[str, str]:
        """Return what is known of it, as ``get_items`` shows it."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class TodoList(Helper):
    """A list in the order that its users give it."""

    domain: ClassVar[str] = "todo"
    features: ClassVar[int] = int(~TodoListFeature(0))

    def __init__(self, item: Item, around: Surroundings, changed: Callable[[], None]) -> None:
        super().__init__(item, around, changed)
        self.tasks: tuple[Task, ...] = ()
        self._listeners: list[Callable[[], None]] = []

    def begin(self, kept: Any) -> None:
        self.tasks = tuple(Task(**row) for row in kept or ())

    def state(self) -> str:
        return str(sum(task.status == OPEN for task in self.tasks))

    def kept(self) -> Sequence[Mapping[str, str]]:
        return [task.as_dict() for task in self.tasks]

    def listen(self, listener: Callable[[], None]) -> Unlisten:
        """Call ``listener`` whenever the list changes, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def act(self, action: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        match action:
            case "get_items":
                wanted = data.get("status") or (OPEN, DONE)
                return {"items": [task.as_dict() for task in self.tasks if task.status in wanted]}
            case "add_item":
                new = Task(uid=new_id(), summary=_summary(data["item"]), **self._details(data))
                self._set([*self.tasks, new])
            case "update_item":
                old = self._find(data["item"])
                self._set([self._updated(old, data) if task is old else task for task in self.tasks])
            case "remove_item":
                gone = {self._find(wanted).uid for wanted in _listed(data["item"])}
                self._set([task for task in self.tasks if task.uid not in gone])
            case "remove_completed_items":
                self._set([task for task in self.tasks if task.status != DONE])
        return None

    def move(self, uid: str, previous_uid: str | None) -> None:
        """Put a task behind another, or first.

        Raises NotFound.
        """
        task = self._by_uid(uid)
        others = [other for other in self.tasks if other.uid != uid]
        if previous_uid == uid:
            return
        place = 0 if previous_uid is None else others.index(self._by_uid(previous_uid)) + 1
        self._set([*others[:place], task, *others[place:]])

    def _set(self, tasks: Sequence[Task]) -> None:
        self.tasks = tuple(tasks)
        self.changed()
        for listener in list(self._listeners):
            listener()

    def _updated(self, task: Task, data: Mapping[str, Any]) -> Task:
        changes = self._details(data)
        if "rename" in data:
            changes["summary"] = _summary(data["rename"])
        if "status" in data and data["status"] != task.status:
            done = isoformat(self.clock.time()) if data["status"] == DONE else None
            changes |= {"status": data["status"], "completed": done}
        return replace(task, **changes)

    def _details(self, data: Mapping[str, Any]) -> dict[str, Any]:
        details: dict[str, Any] = {key: data[key] for key in ("description",) if key in data}
        if "due_date" in data:
            details["due"] = _due(dt.date.fromisoformat, data["due_date"], "a date")
        if "due_datetime" in data:
            details["due"] = _due(self._moment, data["due_datetime"], "a date and time")
        return details

    def _moment(self, value: str) -> dt.datetime:
        return self.around.home.local(dt.datetime.fromisoformat(value))

    def _find(self, wanted: str) -> Task:
        found = next((task for task in self.tasks if wanted in (task.uid, task.summary)), None)
        if found is None:
            raise NotFound(f"Unable to find to-do list item: {wanted}")
        return found

    def _by_uid(self, uid: str) -> Task:
        found = next((task for task in self.tasks if task.uid == uid), None)
        if found is None:
            raise NotFound(f"Item '{uid}' not found in todo list {self.entity_id}")
        return found


def _summary(value: str) -> str:
    text = value.strip()
    if not text:
        raise InvalidInput("Expected what is to be done, got an empty text", path=("item",))
    return text


def _due(parse: Callable[[str], dt.date], value: Any, what: str) -> str | None:
    if value is None:
        return None
    try:
        return parse(str(value).strip()).isoformat()
    except ValueError:
        raise InvalidInput(f"Expected {what} in ISO form, got {value!r}") from None


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, (list, tuple)) else [str(value)]
