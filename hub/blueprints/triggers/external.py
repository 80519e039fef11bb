"""Triggers that integrations offer (``mqtt``): their adapters listen, the automation only says for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.blueprints.elements import Fire
from hub.blueprints.look import Look
from hub.blueprints.running import current_context
from hub.core.bus import Unlisten
from hub.core.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTrigger:
    """A trigger named ``platform``; ``spec`` is for the integration, its ``*_template`` keys left for it to render."""

    platform: str
    spec: Mapping[str, Any]

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        def happened(variables: Mapping[str, Any]) -> None:
            # What a run causes in its own call (a publish that comes straight back) stays in that run's chain.
            context = current_context() or Context(f"trigger:{self.platform}")
            description = f"{self.platform} trigger"
            fire({"platform": self.platform, "description": description, **variables}, context)

        render = look.ports.templates.render_complex
        spec = {
            key: value if str(key).endswith("_template") else render(value, look.variables, limited=True)
            for key, value in self.spec.items()
        }
        return look.ports.triggers.listen(self.platform, spec, happened)
