"""The recorder's part of ``hearth.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from hub.errors import InvalidInput
from hub.recorder.filters import NAMES_SCHEMA, EntityFilter, EntityNames

_days = vol.All(vol.Coerce(float), vol.Range(min=1.0))

_SCHEMA = vol.Schema(
    {
        vol.Optional("commit_interval"): vol.All(vol.Coerce(float), vol.Range(min=0.05, max=60.0)),
        vol.Optional("keep_days"): _days,
        vol.Optional("keep_runs_days"): _days,
        vol.Optional("keep_failed_runs_days"): _days,
        vol.Optional("queue_size"): vol.All(int, vol.Range(min=100)),
        vol.Optional("include"): NAMES_SCHEMA,
        vol.Optional("exclude"): NAMES_SCHEMA,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderSettings:
    """How much is recorded and for how long.

    ``commit_interval`` in seconds is also the most that a crash may cost. ``keep_failed_runs_days`` is for runs that ended
    with an error or were stopped, ``keep_runs_days`` for the others. At most ``queue_size`` events wait to be written.
    """

    commit_interval: float = 5.0
    keep_days: float = 10.0
    keep_runs_days: float = 30.0
    keep_failed_runs_days: float = 90.0
    queue_size: int = 65_536
    wanted: EntityFilter = field(default_factory=EntityFilter)

    @staticmethod
    def parse(value: Mapping[str, Any] | None) -> RecorderSettings:
        """Return the settings written under ``recorder:``.

        Raises InvalidInput naming the key, what was expected and what came.
        """
        try:
            checked: dict[str, Any] = _SCHEMA({} if value is None else dict(value))
        except vol.Invalid as error:
            raise InvalidInput(f"{error} in recorder", path=("recorder", *map(str, error.path))) from None
        include = EntityNames.parse(checked.pop("include", {}))
        exclude = EntityNames.parse(checked.pop("exclude", {}))
        return RecorderSettings(**checked, wanted=EntityFilter(include=include, exclude=exclude))
