"""Keeps the hub's areas, devices and entities as Home Assistant has them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hearth_home_assistant.choice import Choice, LeftOut
from hearth_home_assistant.codec import EntityState, apply
from hearth_home_assistant.describing import describe, is_available, is_described_by, report
from hearth_home_assistant.registry import EntityRow, Home
from hub import UNAVAILABLE, AdapterHost, AreaDescription, EntityDescription

_DOCUMENT = "mirror"
_ABSENT = EntityState(UNAVAILABLE)
_AT_ONCE = 100


class Mirror:
    """What is brought here from one Home Assistant, named by ``instance``.

    It remembers over restarts what it brought: what was removed over there meanwhile is removed here too, and an area that
    the user removed here does not come again.
    """

    def __init__(self, host: AdapterHost, choice: Choice, instance: str) -> None:
        self._host = host
        self._choice = choice
        self._instance = instance
        self._home = Home(areas={}, devices={}, entities={})
        self._states: dict[str, EntityState] = {}
        self._keys: dict[str, str] = {}
        self._entity_ids: dict[str, str] = {}
        self._brought: dict[str, EntityDescription] = {}
        self._reachable: dict[str, bool] = {}
        remembered: Mapping[str, Any] = host.storage.load(_DOCUMENT) or {}
        self._earlier = frozenset(remembered.get("entities", ()))
        self._areas: dict[str, str] = dict(remembered.get("areas", {}))

    def entity_id(self, unique_id: str) -> str | None:
        """Return Home Assistant's id of one of our entities, or None."""
        return self._entity_ids.get(unique_id)

    def begin(self) -> None:
        """Forget the states: the next event tells them all."""
        self._states = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Pass on what an event of ``subscribe_entities`` says of what is here.

        Say whether it names what is not: then the registries have to be read again, and ``synchronise`` decides.
        """
        changes = apply(self._states, event)
        for entity_id, attributes in changes.changed.items():
            if entity_id in self._keys:
                self._pass_on(entity_id, attributes)
        known = [entity_id for entity_id in changes.added if entity_id in self._keys]
        for entity_id in known:
            self._show(entity_id)
        strange = (entity_id for entity_id in changes.added if entity_id not in self._keys)
        gone = any(entity_id in self._keys for entity_id in changes.removed)
        return gone or any(self._choice.by_id(entity_id) is None for entity_id in strange)

    async def synchronise(self, home: Home) -> Counter[str]:
        """Bring everything here in line with the registries and the states told by now.

        Return how many entities are left out because the hub does not know their domain, by domain.
        """
        self._home = home
        areas = self._bring_areas()
        wanted, left_out = self._choose()
        keys = {entity_id: self._key(entity_id) for entity_id in wanted}
        absent = self._take_away(keys)
        self._keys, self._entity_ids = keys, {key: entity_id for entity_id, key in keys.items()}
        self._remember(absent | frozenset(keys.values()), areas)
        for number, entity_id in enumerate(wanted):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # a large home must not hold up the others
            self._show(entity_id)
        return left_out

    def _choose(self) -> tuple[list[str], Counter[str]]:
        """Return what is to be here, devices through which others are reached first, and what the hub does not know."""
        wanted: list[tuple[int, str]] = []
        left_out: Counter[str] = Counter()
        for entity_id in dict.fromkeys((*self._home.entities, *self._states)):
            row = self._row(entity_id)
            device_id = row.device_id if row else None
            reason = self._choice.reason(entity_id, row, self._home.devices.get(device_id or ""))
            if reason is None:
                wanted.append((self._home.depth(device_id), entity_id))
            elif reason is LeftOut.UNKNOWN_DOMAIN:
                left_out[entity_id.partition(".")[0]] += 1
        return [entity_id for _, entity_id in sorted(wanted, key=lambda pair: pair[0])], left_out

    def _key(self, entity_id: str) -> str:
        """Return the unique id: what stays when an entity is renamed, where Home Assistant has such a thing."""
        row = self._row(entity_id)
        return row.id if row is not None else f"{self._instance}:{entity_id}"

    def _row(self, entity_id: str) -> EntityRow | None:
        return self._home.entities.get(entity_id)

    def _bring_areas(self) -> dict[str, str]:
        """Bring the areas that are new or renamed, and return the names of all."""
        for area_id, area in self._home.areas.items():
            known = self._areas.get(area_id)
            if known is None:
                self._host.add(AreaDescription(name=area.name, floor=area.floor, level=area.level, icon=area.icon))
            elif known != area.name:
                self._host.add(AreaDescription(name=area.name, formerly=known))
        return {area_id: area.name for area_id, area in self._home.areas.items()}

    def _take_away(self, keys: Mapping[str, str]) -> frozenset[str]:
        """Remove what is not wanted any more, and return what stays although it is absent.

        That is what Home Assistant does not register: it is absent while what it is made of is reloaded, too.
        """
        absent: set[str] = set()
        for key in (self._earlier | set(self._brought)) - set(keys.values()):
            entity_id = key.removeprefix(f"{self._instance}:")
            self._brought.pop(key, None)
            if entity_id == key or entity_id in keys or self._choice.by_id(entity_id) is not None:
                self._reachable.pop(key, None)
                self._host.remove(key)
            else:
                absent.add(key)
                self._make_reachable(key, reachable=False)
        return frozenset(absent)

    def _remember(self, brought: frozenset[str], areas: dict[str, str]) -> None:
        if (brought, areas) != (self._earlier, self._areas):
            self._earlier, self._areas = brought, areas
            self._host.storage.save(_DOCUMENT, lambda: {"entities": sorted(brought), "areas": areas})

    def _pass_on(self, entity_id: str, attributes: Iterable[str]) -> None:
        if is_described_by(entity_id.partition(".")[0], attributes):
            self._show(entity_id)
        else:
            self._report(self._keys[entity_id], self._states[entity_id])

    def _show(self, entity_id: str) -> None:
        """Describe an entity where that is news, and report its state."""
        key = self._keys[entity_id]
        known = self._brought.get(key)
        state = self._states.get(entity_id, _ABSENT)
        description = describe(key, entity_id, self._row(entity_id), state, self._home, known=known)
        if description != known:
            self._brought[key] = description
            self._host.add(description)
        self._report(key, state)

    def _report(self, key: str, state: EntityState) -> None:
        if is_available(state):
            self._host.report(report(key, state))
        self._make_reachable(key, reachable=is_available(state))

    def _make_reachable(self, key: str, *, reachable: bool) -> None:
        """Say so after the report: what was known before must not be shown again in between."""
        if self._reachable.get(key) is not reachable:
            self._reachable[key] = reachable
            self._host.available(reachable, key)
