"""Scenes: states that several entities are to have at once. The state is when it was last turned on, as an ISO time."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import OBJECT, TEXT, number

_TRANSITION = Field(name="transition", selector=number(0, 300, unit="seconds"), description="How long it takes.")
_EXAMPLE = {"light.ceiling": {"state": "on", "brightness": 80}}


def _action(name: str, description: str, *fields: Field, entity: bool = False) -> ActionDescription:
    return ActionDescription(domain="scene", name=name, fields=fields, description=description, entity=entity)


SCENE = Domain(
    name="scene",
    attributes=(
        Attribute(name="entity_id", description="the entities that it sets"),
        Attribute(name="id", description="the scene's id", capability=True),
    ),
    actions=(
        _action("turn_on", "Turns a scene on.", _TRANSITION, entity=True),
        _action(
            "apply",
            "Gives entities states without making a scene of them.",
            Field(
                name="entities", selector=OBJECT, required=True, example=_EXAMPLE, description="The states, by entity."
            ),
            _TRANSITION,
        ),
        _action(
            "create",
            "Makes a scene, kept until it is deleted.",
            Field(name="scene_id", selector=TEXT, required=True, example="all_lights"),
            Field(name="entities", selector=OBJECT, example=_EXAMPLE, description="The states, by entity."),
            Field(
                name="snapshot_entities",
                selector={"entity": {"multiple": True}},
                example=["light.ceiling", "light.kitchen"],
                description="Entities whose states of now are taken.",
            ),
        ),
        _action("delete", "Takes a scene away that was made with scene.create.", entity=True),
    ),
)
