"""Which entities are recorded: Home Assistant's ``include`` and ``exclude``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import voluptuous as vol


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityNames:
    """Entities named by domain, by id and by pattern (``sensor.*_power``)."""

    domains: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    globs: tuple[str, ...] = ()

    @staticmethod
    def parse(value: Mapping[str, list[str]]) -> EntityNames:
        """Return the names from validated settings."""
        return EntityNames(
            domains=frozenset(value.get("domains", ())),
            entities=frozenset(value.get("entities", ())),
            globs=tuple(value.get("entity_globs", ())),
        )

    @property
    def broad(self) -> bool:
        """True if whole domains or patterns are named."""
        return bool(self.domains or self.globs)

    def matches_glob(self, entity_id: str) -> bool:
        """Say whether a pattern fits."""
        return any(fnmatchcase(entity_id, glob) for glob in self.globs)

    def covers(self, entity_id: str) -> bool:
        """Say whether a domain or a pattern fits."""
        return entity_id.partition(".")[0] in self.domains or self.matches_glob(entity_id)

    def __bool__(self) -> bool:
        return self.broad or bool(self.entities)


_texts = vol.All(vol.Maybe(vol.Any([str], vol.All(str, lambda text: [text]))), lambda value: value or [])
_names = {vol.Optional("domains"): _texts, vol.Optional("entities"): _texts, vol.Optional("entity_globs"): _texts}
NAMES_SCHEMA = vol.Schema(vol.All(vol.Maybe(_names), lambda value: value or {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFilter:
    """Says which entities are wanted; the most exact rule decides: entity ids, then patterns, then domains.

    Entities are wanted unless only includes are given, or includes name domains or patterns: then the rest is left out.
    """

    include: EntityNames = EntityNames()
    exclude: EntityNames = EntityNames()
    _known: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, entity_id: str) -> bool:
        """Say whether the entity is wanted; the answer is remembered."""
        answer = self._known.get(entity_id)
        if answer is None:
            answer = self._known[entity_id] = self._decide(entity_id)
        return answer

    def _decide(self, entity_id: str) -> bool:
        if entity_id in self.include.entities:
            return True
        if entity_id in self.exclude.entities:
            return False
        if self.include.broad:
            return self._included(entity_id)
        if self.exclude.broad:
            return not self.exclude.covers(entity_id)
        return not self.include.entities

    def _included(self, entity_id: str) -> bool:
        if self.include.matches_glob(entity_id):
            return True
        return self.include.covers(entity_id) and not self.exclude.covers(entity_id)
