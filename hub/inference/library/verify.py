"""Says whether a model is what it was when it came, and whether it runs here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from hub.errors import HubError
from hub.inference import gguf
from hub.inference.library.progress import Progress, silent
from hub.inference.library.record import sha256
from hub.inference.library.store import Model
from hub.inference.library.trial import tried
from hub.inference.settings import EngineSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: None if there was nothing to compare it with."""

    what: str
    is_good: bool | None
    found: str


def verify(model: Model, settings: EngineSettings, *, run: bool = True, progress: Progress = silent) -> Iterator[Check]:
    """Check the files, their hashes and headers, and with ``run`` let the model write; stops where going on is senseless."""
    if model.missing:
        yield Check(what="files", is_good=False, found=f"{', '.join(map(str, model.missing))} missing")
        return
    yield Check(what="files", is_good=True, found=f"{len(model.files)}, {model.size / 1e6:.1f} MB")
    yield from _hashes(model, progress)
    header = _header(model)
    yield header
    if run and header.is_good:
        yield _trial(model, settings)


def _hashes(model: Model, progress: Progress) -> Iterator[Check]:
    if model.record is None:
        why = "it comes with Hearth" if model.is_built_in else "it did not come by 'hearth model'"
        yield Check(what="sha256", is_good=None, found=f"nothing was recorded: {why}")
        return
    for file, recorded in zip(model.files, model.record.files, strict=True):
        found = sha256(file, progress)
        if found == recorded.sha256:
            yield Check(what="sha256", is_good=True, found=found)
        else:
            yield Check(
                what="sha256", is_good=False, found=f"{file.name} has {found}, when it came it had {recorded.sha256}"
            )


def _header(model: Model) -> Check:
    try:
        headers = [gguf.read(file) for file in model.files]
    except HubError as error:
        return Check(what="header", is_good=False, found=str(error))
    first, parameters = headers[0], sum(header.parameters for header in headers)
    return Check(
        what="header", is_good=True, found=f"{first.architecture}, {parameters / 1e6:.1f} M weights, {first.file_type}"
    )


def _trial(model: Model, settings: EngineSettings) -> Check:
    try:
        trial = asyncio.run(tried(model.path, settings))
    except HubError as error:
        return Check(what="run", is_good=False, found=str(error))
    found = f"loaded in {trial.load:.1f} s, {trial.memory_mb:.0f} MB, wrote {trial.tokens} tokens"
    return Check(what="run", is_good=trial.tokens > 0, found=found)
