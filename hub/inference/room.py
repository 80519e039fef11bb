"""Whether a model can be loaded beside the one that is at work."""

from __future__ import annotations

from pathlib import Path

from hub.errors import HubError
from hub.inference import gguf
from hub.inference.engine import allowance, memory
from hub.inference.engine.memory import Load
from hub.inference.settings import EngineSettings

_CONTEXT = 8192
_ROWS = 128


def fits_beside(old: Path, new: Path, settings: EngineSettings) -> bool:
    """Say whether there is memory for both; True for a file that cannot be read, since loading it says why.

    The old model's file counts: its pages pass for free memory, and are needed until it has ended.
    """
    try:
        header = gguf.read(new)
        in_use = old.stat().st_size if old.is_file() else 0
    except (HubError, OSError):
        return True
    load = Load(
        cells=settings.context or min(_CONTEXT, header.context or _CONTEXT),
        rows=min(_ROWS, settings.batch),
        outputs=_ROWS,
        sequences=settings.sequences + settings.prefixes,
        cache_type=settings.cache_type,
        load_mode=settings.load_mode,
    )
    return memory.needed(header, load).total + in_use <= allowance.free_memory().free
