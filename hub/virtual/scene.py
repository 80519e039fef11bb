"""``scene``: states that several entities are to have at once. The state is when it was last turned on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.adapters.behalf import on_behalf
from hub.adapters.interfaces import EntityCall
from hub.core.actions import Action, Target
from hub.core.events import isoformat
from hub.core.ids import is_entity_id, slugify
from hub.core.ports import Actions
from hub.errors import AdapterError, InvalidInput
from hub.virtual.collected import Collected
from hub.virtual.collection import Collection
from hub.virtual.definition import NAMED, Definition, boolean
from hub.virtual.helper import Helper, Surroundings
from hub.virtual.reproduction import Wanted, snapshot, steps_to


def wanted_states(value: Any) -> dict[str, Wanted]:
    """Return states by entity id, each with ``state`` and perhaps attributes; a bare on or off of YAML is meant so.

    Raises vol.Invalid.
    """
    if not isinstance(value, Mapping):
        raise vol.Invalid(f"expected states by entity id, got {value!r}")
    return {entity_id: _wanted(entity_id, state) for entity_id, state in value.items()}


def _wanted(entity_id: Any, state: Any) -> Wanted:
    if not isinstance(entity_id, str) or not is_entity_id(entity_id):
        raise vol.Invalid(f"expected an entity id such as light.kitchen, got {entity_id!r}")
    attributes = dict(state) if isinstance(state, Mapping) else {"state": state}
    text = attributes.get("state")
    if not isinstance(text, (str, bool, int, float)):
        raise vol.Invalid(f"expected a state for {entity_id}, got {state!r}")
    return {**attributes, "state": ("on" if text else "off") if isinstance(text, bool) else str(text)}


DEFINITION = Definition(
    domain="scene",
    fields={
        **NAMED,
        vol.Required("entities"): wanted_states,
        vol.Optional("created", default=False): boolean,
        vol.Optional("metadata"): dict,
    },
)


class Scene(Helper):
    """What is wanted of whom, and when it last was."""

    domain: ClassVar[str] = "scene"
    turned_on: str | None = None

    def begin(self, kept: Any) -> None:
        self.turned_on = kept

    def state(self) -> str | None:
        return self.turned_on

    def fixed(self) -> Mapping[str, Any]:
        return {"id": self.item["id"], "entity_id": list(self.item["entities"])}

    def kept(self) -> str | None:
        return self.turned_on

    def note(self) -> None:
        """Note that it is being turned on."""
        self.turned_on = isoformat(self.clock.time())
        self.changed()


class Scenes(Collected):
    """Carries scenes out: each action that they take is the caller's, with the caller's rights."""

    def __init__(self, collection: Collection, around: Surroundings, actions: Actions) -> None:
        super().__init__(Scene, collection, around)
        self._scenes = collection
        self._actions = actions

    async def execute(self, call: EntityCall) -> None:
        match call.action.partition(".")[2]:
            case "turn_on":
                for scene in (self._scene(unique_id) for unique_id in call.unique_ids):
                    scene.note()
                    await self._apply(scene.item["entities"], call.data.get("transition"))
            case "apply":
                await self._apply(_checked(call.data["entities"]), call.data.get("transition"))
            case "create":
                self._create(call.data)
            case "delete":
                for scene in (self._scene(unique_id) for unique_id in call.unique_ids):
                    self._delete(scene)

    def _scene(self, unique_id: str) -> Scene:
        helper = self.require(unique_id)
        assert isinstance(helper, Scene)
        return helper

    async def _apply(self, entities: Mapping[str, Wanted], transition: float | None) -> None:
        """Bring every entity to its state, all at once; what fails does not hold up the others."""
        failures: list[str] = []
        async with asyncio.TaskGroup() as tasks:
            for entity_id, wanted in entities.items():
                tasks.create_task(
                    self._bring(entity_id, wanted, transition, failures.append), name=f"scene:{entity_id}"
                )
        if failures:
            raise AdapterError("; ".join(failures))

    async def _bring(
        self, entity_id: str, wanted: Wanted, transition: float | None, failed: Callable[[str], None]
    ) -> None:
        now = self._around.home.states.get(entity_id)
        if now is None:
            failed(f"{entity_id} does not exist")
            return
        behalf = on_behalf()
        for name, data in steps_to(wanted, now, transition):
            action = Action(name=f"{now.domain}.{name}", target=Target(entity_id=(entity_id,)), data=data)
            try:
                result = await self._actions.call(action, context=behalf.context.child("scene"), caller=behalf.caller)
            except InvalidInput as error:
                failed(f"{entity_id}: {error}")
                return
            if not result.ok:
                failed(f"{entity_id}: {result.error}")
                return

    def _create(self, data: Mapping[str, Any]) -> None:
        """Make a scene of states that are told or that are now, in place of one made so before."""
        states = self._around.home.states
        found = (states.get(entity_id) for entity_id in data.get("snapshot_entities", ()))
        now = {state.entity_id: snapshot(state) for state in found if state is not None}
        entities = {**_checked(data.get("entities", {})), **now}
        if not entities:
            raise InvalidInput("Expected entities, or snapshot_entities that exist, for scene.create: got none")
        item = {"name": data["scene_id"], "entities": entities, "created": True}
        known = self._scenes.get(slugify(data["scene_id"]))
        if known is None:
            self._scenes.create(item)
        elif known["created"]:
            self._scenes.update(known["id"], item)
        else:
            raise InvalidInput(f"Expected a new scene_id, got {data['scene_id']!r}: a user has defined that scene")

    def _delete(self, scene: Scene) -> None:
        if not scene.item["created"]:
            raise InvalidInput(f"Expected a scene made by scene.create, got {scene.entity_id}: a user has defined it")
        self._scenes.delete(scene.item["id"])


def _checked(entities: Any) -> dict[str, Wanted]:
    try:
        return wanted_states(entities)
    except vol.Invalid as error:
        raise InvalidInput(f"E{str(error)[1:]}") from None
