"""To-do lists: the state is how many items are not done."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription, ResponseMode
from hub.core.fields import Field, Selector, selector_validator
from hub.entities.domain import Domain
from hub.entities.selectors import DATE, DATETIME, TEXT, TEXTS, select


class TodoListFeature(IntFlag):
    """What a to-do list can do."""

    CREATE_TODO_ITEM = 1
    DELETE_TODO_ITEM = 2
    UPDATE_TODO_ITEM = 4
    MOVE_TODO_ITEM = 8
    SET_DUE_DATE_ON_ITEM = 16
    SET_DUE_DATETIME_ON_ITEM = 32
    SET_DESCRIPTION_ON_ITEM = 64


_F = TodoListFeature
_STATUS = select("needs_action", "completed")


def _detail(name: str, selector: Selector, features: TodoListFeature, example: str) -> Field:
    """Return a field that None takes away."""
    check = selector_validator(selector)
    return Field(
        name=name,
        selector=selector,
        features=features,
        example=example,
        validate=lambda value: None if value is None else check(value),
    )


_DETAILS = (
    _detail("due_date", DATE, _F.SET_DUE_DATE_ON_ITEM, "2023-11-17"),
    _detail("due_datetime", DATETIME, _F.SET_DUE_DATETIME_ON_ITEM, "2023-11-17 13:30:00"),
    _detail("description", TEXT, _F.SET_DESCRIPTION_ON_ITEM, "Ask for a receipt."),
)
_ONE_DUE = (("due_date", "due_datetime"),)
_EXAMPLE = "Submit income tax return"

TODO_LIST = Domain(
    name="todo",
    features=TodoListFeature,
    actions=(
        ActionDescription(
            domain="todo",
            name="get_items",
            response=ResponseMode.ONLY,
            description="Returns what is on a to-do list: by entity, a list under items.",
            fields=(
                Field(
                    name="status",
                    selector={"select": {**_STATUS["select"], "multiple": True}},
                    default=["needs_action"],
                    description="Which items; without it those that are not done.",
                ),
            ),
        ),
        ActionDescription(
            domain="todo",
            name="add_item",
            features=_F.CREATE_TODO_ITEM,
            description="Puts an item on a to-do list.",
            exclusive=_ONE_DUE,
            fields=(Field(name="item", selector=TEXT, required=True, example=_EXAMPLE), *_DETAILS),
        ),
        ActionDescription(
            domain="todo",
            name="update_item",
            features=_F.UPDATE_TODO_ITEM,
            description="Changes an item on a to-do list, or says that it is done.",
            exclusive=_ONE_DUE,
            at_least_one=("rename", "status", "due_date", "due_datetime", "description"),
            fields=(
                Field(
                    name="item",
                    selector=TEXT,
                    required=True,
                    example=_EXAMPLE,
                    description="What the item says, or its uid.",
                ),
                Field(name="rename", selector=TEXT, example="Something else", description="What it is to say."),
                Field(name="status", selector=_STATUS, example="needs_action"),
                *_DETAILS,
            ),
        ),
        ActionDescription(
            domain="todo",
            name="remove_item",
            features=_F.DELETE_TODO_ITEM,
            description="Takes items off a to-do list.",
            fields=(
                Field(
                    name="item",
                    selector=TEXTS,
                    required=True,
                    example=_EXAMPLE,
                    description="What the items say, or their uids.",
                ),
            ),
        ),
        ActionDescription(
            domain="todo",
            name="remove_completed_items",
            features=_F.DELETE_TODO_ITEM,
            description="Takes all items off a to-do list that are done.",
        ),
    ),
)
