"""Fetches models from Hugging Face, or a server that answers like it. Needs the extra ``models``.

The library's own download begins again when a command is started again. Files of many gigabytes should not, so what there is
of a file stays in the store, and only the rest is asked for.
"""

from __future__ import annotations

import fnmatch
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import HfApi, get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils.tqdm import silent_tqdm

from hub import __version__
from hub.errors import InvalidInput, NotFound, Refused, StorageError
from hub.inference.library.copying import check_room
from hub.inference.library.names import complete, model_name
from hub.inference.library.progress import Advance, Progress, Unit, silent
from hub.inference.library.record import sha256
from hub.inference.library.store import Model, ModelStore

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TRIES = 4
_PAUSE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file of a repository at one commit."""

    repository: str
    commit: str
    name: str
    size: int
    sha256: str


def pull(
    store: ModelStore,
    repository: str,
    wanted: str | None = None,
    *,
    revision: str = "main",
    name: str | None = None,
    progress: Progress = silent,
) -> Model:
    """Fetch a model into the store: ``wanted`` is a file's name, a pattern, or a part of it such as ``Q4_K_M``.

    Raises NotFound, Refused or InvalidInput if the server has no such model, StorageError if the connection or the disk fails;
    the same call then goes on where it stopped. A file that is not what the server says it is, is removed: InvalidInput.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings would go across the progress bar
    with _translated(repository):
        files = find(repository, wanted, revision)
    name = name or model_name(PurePosixPath(files[0].name))
    source = f"hf:{repository}@{files[0].commit[:12]}/{files[0].name}"
    with store.place(name, source, resume=True) as incoming:
        _forget_others(incoming.folder, files)
        for file in files:
            with _translated(repository):
                target = incoming.folder / PurePosixPath(file.name).name
                _fetch(file, target, progress)
                incoming.hashes[target.name] = file.sha256
    return store.get(name)


def find(repository: str, wanted: str | None, revision: str) -> list[RemoteFile]:
    """Return the files of the one model in a repository that is meant.

    Raises InvalidInput with a list if it may be several, NotFound if it is none.
    """
    info = HfApi(endpoint=_endpoint()).model_info(repository, revision=revision, files_metadata=True)
    sizes = {one.rfilename: one.size or 0 for one in info.siblings or [] if one.rfilename.endswith(".gguf")}
    hashes = {one.rfilename: one.lfs.sha256.lower() for one in info.siblings or [] if one.lfs}
    chosen = complete(_chosen(repository, sizes, wanted))
    if missing := [name for name in chosen if not _SHA256.fullmatch(hashes.get(name, ""))]:
        raise InvalidInput(
            f"Expected the server to tell the SHA-256 of {missing[0]}, it does not. Download it by other means, and "
            "'hearth model add' it"
        )
    return [
        RemoteFile(repository=repository, commit=info.sha or revision, name=name, size=sizes[name], sha256=hashes[name])
        for name in chosen
    ]


def _chosen(repository: str, sizes: dict[str, int], wanted: str | None) -> Sequence[str]:
    pattern = wanted or "*"
    if wanted in sizes:
        return [name for name in sizes if _model(name) == _model(wanted or "")]
    if "*" not in pattern and "?" not in pattern:
        pattern = f"*{pattern}*"
    matching = [name for name in sizes if fnmatch.fnmatch(name.lower(), pattern.lower()) and "mmproj" not in name]
    models = {_model(name) for name in matching}
    if len(models) == 1:
        return [name for name in sizes if _model(name) in models]
    there = _listed(sizes, models)
    if models:
        raise InvalidInput(
            f"Expected one model of {repository}, {wanted or 'it'} has {len(models)}: name one of {there}"
        )
    raise NotFound(
        f"Expected a GGUF file {wanted or ''} in {repository}, it has {there or 'none: look for its -GGUF repository, or convert it'}"
    )


def _listed(sizes: Mapping[str, int], models: set[str]) -> str:
    """Return the models with their sizes; all of them if none is given."""
    totals: Counter[str] = Counter()
    for name, size in sizes.items():
        totals[_model(name)] += size
    shown = [model for model in sorted(totals) if not models or model in models]
    return ", ".join(f"{model} ({totals[model] / 1e9:.1f} GB)" for model in shown)


def _model(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.parent / model_name(path))


def _forget_others(folder: Path, files: Sequence[RemoteFile]) -> None:
    """Remove what an earlier try fetched that is now not wanted any more."""
    wanted = {PurePosixPath(file.name).name for file in files} | {f"{file.sha256}.part" for file in files}
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()


def _fetch(file: RemoteFile, target: Path, progress: Progress) -> None:
    """Fetch what is still missing of a file, and check it."""
    if target.is_file():  # fetched and checked by a try that a later file stopped
        return
    part = target.with_name(f"{file.sha256}.part")
    if part.is_file() and part.stat().st_size > file.size:
        part.unlink()
    check_room(target.parent, file.size - (part.stat().st_size if part.is_file() else 0))
    for tries_left in reversed(range(_TRIES)):
        try:
            _continue(file, part, progress)
            break
        except (httpx2.TransportError, OSError) as error:
            if not tries_left or isinstance(error, HfHubHTTPError | OfflineModeIsEnabled):
                raise
            time.sleep(_PAUSE)
    found = sha256(part, progress)
    if found != file.sha256:
        part.unlink()
        raise InvalidInput(
            f"Expected {file.name} with the SHA-256 {file.sha256}, got {found}: it was damaged on its way and is removed. Pull it "
            "again; if it stays so, the server's copy is damaged"
        )
    part.rename(target)


def _continue(file: RemoteFile, part: Path, progress: Progress) -> None:
    url = hf_hub_url(file.repository, file.name, revision=file.commit, endpoint=_endpoint())
    token = get_token()
    place = get_hf_file_metadata(url, token=token).location
    headers = {"user-agent": f"hearth/{__version__}"}
    # elsewhere the address is signed, and the token none of the storage's business
    if token and urlsplit(place).netloc == urlsplit(url).netloc:
        headers["authorization"] = f"Bearer {token}"
    with part.open("ab") as stream:
        told = _Told(stream, file, progress)
        http_get(
            place,
            cast(BinaryIO, told),
            resume_size=stream.tell(),
            headers=headers,
            expected_size=file.size,
            tqdm_class=silent_tqdm,
        )


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


class _Told:
    """A file that tells how much of it is written."""

    def __init__(self, stream: BinaryIO, file: RemoteFile, progress: Progress) -> None:
        self._stream, self._file, self._progress = stream, file, progress

    def write(self, data: bytes) -> int:
        written = self._stream.write(data)
        self._tell()
        return written

    def seek(self, place: int) -> int:
        return self._stream.seek(place)

    def tell(self) -> int:
        return self._stream.tell()

    def truncate(self) -> int:
        return self._stream.truncate()

    def _tell(self) -> None:
        name = PurePosixPath(self._file.name).name
        self._progress(Advance(task="Fetching", done=self.tell(), total=self._file.size, unit=Unit.BYTES, detail=name))


@contextmanager
def _translated(repository: str) -> Iterator[None]:
    try:
        yield
    except GatedRepoError as error:
        raise Refused(
            f"Expected the right to read {repository}: accept its conditions on its page, and set HF_TOKEN to a token of yours"
        ) from error
    except RepositoryNotFoundError as error:
        raise NotFound(
            f"Expected a repository {repository}, the server has none, or it is private: set HF_TOKEN then"
        ) from error
    except (RevisionNotFoundError, EntryNotFoundError) as error:
        raise NotFound(f"Expected this revision and file in {repository}, the server has none: {error}") from error
    except HFValidationError as error:
        raise InvalidInput(f"Expected a repository such as owner/name, got {repository}") from error
    except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        raise StorageError(
            f"Expected to fetch {repository}: {error}. The same command goes on where this one stopped"
        ) from error
