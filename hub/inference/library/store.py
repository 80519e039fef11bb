"""The models of one hub: GGUF files in a folder, each with a small record, and the one that comes with Hearth."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.errors import InvalidInput, NotFound, Refused, StorageError
from hub.inference import gguf
from hub.inference.backend import DEFAULT_MODEL
from hub.inference.library.copying import copied
from hub.inference.library.lock import flock
from hub.inference.library.names import checked, complete, model_name, renamed, siblings
from hub.inference.library.progress import Progress, silent
from hub.inference.library.record import Record, RecordedFile, read_record, sha256, write_record

BUILT_IN: Mapping[str, Path] = {"home-6m": DEFAULT_MODEL}
MODELS_FOLDER = "models"
"""Where a hub keeps its models, in its configuration folder."""
_INCOMING = ".incoming"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model in the library. ``record`` is None for the one built in and for files that were put there by hand."""

    name: str
    files: tuple[Path, ...]
    record: Record | None = None
    is_built_in: bool = False

    @property
    def path(self) -> Path:
        """The file to load: of a split model the first."""
        return self.files[0]

    @property
    def size(self) -> int:
        """The bytes of all files that are there."""
        return sum(file.stat().st_size for file in self.files if file.is_file())

    @property
    def missing(self) -> tuple[Path, ...]:
        """The files that should be there and are not."""
        return tuple(file for file in self.files if not file.is_file())


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A folder for the files of a model that is on its way; ``hashes`` are those already known, by the files' names."""

    folder: Path
    hashes: dict[str, str] = field(default_factory=dict)


class ModelStore:
    """Finds, takes in and removes models. Any number of processes may do so at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> list[Model]:
        """Return every model, the built-in ones first."""
        own = sorted(self._own(), key=lambda model: model.name)
        return [*(Model(name=name, files=(path,), is_built_in=True) for name, path in BUILT_IN.items()), *own]

    def get(self, name: str) -> Model:
        """Return the model of a name, or of a file's name with or without ``.gguf``.

        Raises NotFound, with the names that there are.
        """
        models = self.list()
        wanted = name.removesuffix(".gguf")
        for model in models:
            if wanted == model.name or wanted in (file.stem for file in model.files):
                return model
        names = ", ".join(model.name for model in models)
        raise NotFound(
            f"Expected a model's name or a GGUF file, got {name}. There are {names}: 'hearth model pull' fetches others",
            name=name,
        )

    def find(self, name: str | Path) -> Path:
        """Return the file to load for a name, a file's name or a path.

        Raises NotFound, with the names that there are.
        """
        path = Path(name).expanduser()
        if (path.suffix == ".gguf" or len(path.parts) > 1) and path.is_file():
            return path.absolute()
        model = self.get(str(name))
        if model.missing:
            raise NotFound(
                f"Expected {model.missing[0]}, it is gone: 'hearth model remove {model.name}', and get it again"
            )
        return model.path

    def add(
        self,
        path: Path,
        *,
        name: str | None = None,
        link: bool = False,
        source: str | None = None,
        progress: Progress = silent,
    ) -> Model:
        """Take in a GGUF file, or all parts of a split one: copied, or with ``link`` left where it is.

        Raises NotFound if it is not there, ModelUnavailable if it is no GGUF file, InvalidInput if the name is taken.
        """
        if not path.is_file():
            raise NotFound(f"Expected a GGUF file, found none at {path}")
        files = siblings(path.absolute())
        for file in files:
            gguf.read(file)
        with self.place(name or model_name(path), source or str(path.absolute())) as incoming:
            for file in files:
                target = incoming.folder / file.name
                if link:
                    target.symlink_to(file)
                    incoming.hashes[file.name] = sha256(file, progress)
                else:
                    incoming.hashes[file.name] = copied(file, target, progress)
        return self.get(name or model_name(path))

    @contextmanager
    def place(self, name: str, source: str, *, resume: bool = False) -> Iterator[Incoming]:
        """Give a folder for a new model's GGUF files, and take them in at the end of the block if nothing was raised.

        With ``resume`` what an earlier try left is still there, and what is there after an error stays.
        Raises InvalidInput if the name is taken, Refused while another process makes the same model.
        """
        self._check_free(checked(name))
        with self._claimed(name) as folder:
            incoming = Incoming(folder=folder)
            if not resume:
                _clear(folder)
            try:
                yield incoming
                self._take_in(name, source, incoming)
            except BaseException:
                if not resume:
                    shutil.rmtree(folder, ignore_errors=True)
                raise
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self, name: str) -> Model:
        """Delete a model and its record; return what it was. A file that was only linked to stays.

        Raises NotFound if there is none, Refused if it comes with Hearth.
        """
        model = self.get(name)
        if model.is_built_in:
            raise Refused(
                f"Expected a model that was added, {model.name} comes with Hearth and takes {model.size / 1e6:.0f} MB"
            )
        with self._locked():
            for file in model.files:
                file.unlink(missing_ok=True)
            self._record(model.name).unlink(missing_ok=True)
        return model

    def _own(self) -> Iterator[Model]:
        recorded: set[Path] = set()
        for record in self._records():
            files = tuple(self.folder / file.name for file in record.files)
            recorded.update(files)
            yield Model(name=record.name, files=files, record=record)
        others: dict[str, list[Path]] = {}
        for file in sorted(self.folder.glob("[!.]*.gguf")):
            if file not in recorded:
                others.setdefault(model_name(file), []).append(file)
        yield from (Model(name=name, files=tuple(files)) for name, files in others.items())

    def _records(self) -> Iterator[Record]:
        for path in sorted(self.folder.glob("[!.]*.json")):
            try:
                yield read_record(path)
            except StorageError as error:  # its model is one without a record, and the others go on
                _log.warning("%s", error)

    def _check_free(self, name: str) -> None:
        if any(model.name == name or name in (file.stem for file in model.files) for model in self.list()):
            raise InvalidInput(
                f"Expected a new name, {name} is there already: choose another with --name, or 'hearth model remove {name}'"
            )

    def _take_in(self, name: str, source: str, incoming: Incoming) -> None:
        names = complete(file.name for file in incoming.folder.glob("*.gguf"))
        for file in names:
            gguf.read(incoming.folder / file)
        hashes = {file: incoming.hashes.get(file) or sha256(incoming.folder / file) for file in names}
        files = [
            RecordedFile(name=renamed(file, name), size=(incoming.folder / file).stat().st_size, sha256=hashes[file])
            for file in names
        ]
        with self._locked():
            self._check_free(name)
            for file, kept in zip(names, files, strict=True):
                (incoming.folder / file).replace(self.folder / kept.name)
            write_record(self._record(name), Record(name=name, source=source, added=time.time(), files=tuple(files)))

    def _record(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    @contextmanager
    def _claimed(self, name: str) -> Iterator[Path]:
        """Hold the folder in which a model of this name is made; the next process finds what a dead one left."""
        folder = self.folder / _INCOMING / name
        with flock(self.folder / _INCOMING / f"{name}.lock", wait=False) as free:
            if not free:
                raise Refused(f"Expected to be the only one that makes {name}, another process does: wait for its end")
            folder.mkdir(exist_ok=True)
            yield folder

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with flock(self.folder / ".lock", wait=True):
            yield


def configured(folder: Path, model: str | None) -> Path:
    """Return the file that ``inference: model:`` of a configuration folder means: a file in or outside of it, or a model's name.

    Raises NotFound, with the names that there are.
    """
    if model is None:
        return DEFAULT_MODEL
    if (folder / model).is_file():
        return folder / model
    return ModelStore(folder / MODELS_FOLDER).find(model)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
