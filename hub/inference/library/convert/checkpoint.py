"""A folder as people publish models in: ``config.json``, a tokeniser's files, and weights in one or several files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from hub.errors import InvalidInput, NotFound
from hub.inference.library.convert.safetensors_file import SafetensorsFile
from hub.inference.library.convert.torch_file import TorchFile
from hub.inference.library.convert.weight import Weight

_PATTERNS = ("model.safetensors", "model-*.safetensors", "*.safetensors", "pytorch_model*.bin")
"""In this order: beside their own files some publish the same weights in another order (``consolidated.safetensors``)."""
_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")


class _Tensors(Protocol):
    @property
    def names(self) -> list[str]: ...

    def weight(self, name: str) -> Weight: ...


class Checkpoint:
    """What is in such a folder. Safetensors files are preferred to PyTorch's.

    Raises NotFound if it is no such folder or a file of weights is missing, InvalidInput if one is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "config.json").is_file():
            raise NotFound(f"Expected a checkpoint's folder, found no {folder / 'config.json'}")
        self.config = _text_part(read_json(folder / "config.json"))
        self._place: dict[str, _Tensors] = {}
        for file in _files(folder):
            self._place |= dict.fromkeys(file.names, file)

    @property
    def names(self) -> list[str]:
        """The names of all tensors."""
        return list(self._place)

    def weight(self, name: str) -> Weight:
        """Return a tensor.

        Raises InvalidInput if it cannot be converted, or its file is damaged.
        """
        return self._place[name].weight(name)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file.

    Raises InvalidInput if there is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"Expected JSON in {path}: {error}") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"Expected an object in {path}, got {type(content).__name__}")
    return content


def _files(folder: Path) -> list[_Tensors]:
    names = next((_listed(folder / index) for index in _INDEXES if (folder / index).is_file()), None)
    paths = [folder / name for name in names] if names is not None else _found(folder)
    if missing := [path.name for path in paths if not path.is_file()]:
        raise NotFound(
            f"Expected {len(paths)} files of weights in {folder}, {', '.join(missing)} are missing: download them"
        )
    return [SafetensorsFile(path) if path.suffix == ".safetensors" else TorchFile(path) for path in paths]


def _listed(index: Path) -> list[str]:
    places = read_json(index).get("weight_map")
    if not isinstance(places, dict):
        raise InvalidInput(f"Expected weight_map in {index}")
    names = sorted(set(map(str, places.values())))
    if any(Path(name).name != name for name in names):
        raise InvalidInput(f"Expected the names of files beside {index}, got {names}")
    return names


def _found(folder: Path) -> list[Path]:
    for pattern in _PATTERNS:
        if paths := sorted(folder.glob(pattern)):
            return paths
    raise NotFound(f"Expected weights in {folder}, found neither *.safetensors nor pytorch_model*.bin")


def _text_part(config: Mapping[str, Any]) -> dict[str, Any]:
    # a model of text and pictures describes the part that reads text apart
    part = config.get("text_config")
    architectures = config.get("architectures")
    return {**config, **part, "architectures": architectures} if isinstance(part, dict) else dict(config)
