"""What all rows of `script/bench inference` are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import synthetic
from benchmarks.inference_sides import tell
from hub.inference.settings import EngineSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``models`` is where the models are, ``cache`` a folder of this run for the engine's; ``context`` is for both sides."""

    models: Path
    cache: Path
    threads: int
    rounds: int
    context: int = 8192

    def model(self, shape: synthetic.Shape) -> Path:
        """Return a model's file, made first if need be."""
        if not (self.models / shape.file).exists():
            tell(f"Making {shape.file}")
        return synthetic.model(shape, self.models)

    def settings(self, **changes: object) -> EngineSettings:
        """Return what Hearth runs with: its own choices, but for the threads, which are the peer's, and its niceness."""
        plain = EngineSettings(context=self.context, threads=self.threads, niceness=0, cache=str(self.cache))
        return msgspec.structs.replace(plain, **changes)
