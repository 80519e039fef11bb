"""What the subcommands of ``hearth model`` share."""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.errors import HubError, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from hub.inference.library import Model, ModelStore
    from hub.inference.settings import EngineSettings


def store(options: argparse.Namespace) -> ModelStore:
    """Return the store of the hub's folder."""
    from hub.inference.library import MODELS_FOLDER, ModelStore  # noqa: PLC0415 - other commands start faster without it

    return ModelStore(options.config / MODELS_FOLDER)


def model(options: argparse.Namespace) -> Model:
    """Return the model that is named, or the one in a file that is.

    Raises NotFound, with the names that there are.
    """
    from hub.inference.library import Model  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.names import model_name, siblings  # noqa: PLC0415

    there = store(options)
    try:
        return there.get(options.model)
    except NotFound:
        path = there.find(options.model)
        return Model(name=model_name(path), files=tuple(siblings(path)))


def in_use(options: argparse.Namespace) -> Path | None:
    """Return the file of the model that the hub runs, or would run, or None if it cannot be told."""
    from hub.config.settings import load_settings  # noqa: PLC0415 - other commands start faster without these
    from hub.inference.library.choice import in_use as chosen  # noqa: PLC0415

    try:
        return chosen(options.config, load_settings(options.config).inference.get("model")).resolve()
    except HubError:
        return None


def need(*packages: str, extra: str = "models") -> None:
    """Raise NotFound, with the remedy, if one of these packages of an extra is not installed."""
    if missing := [name for name in packages if importlib.util.find_spec(name) is None]:
        raise NotFound(
            f"Expected the packages {', '.join(missing)}: install them with pip install 'hearth-hub[{extra}]'"
        )


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says how a model is run."""
    parser.add_argument(
        "--context", metavar="TOKENS", type=int, help="the window that all requests share (as in hearth.yaml)"
    )
    parser.add_argument("--threads", metavar="N", type=int, help="processors to use (as in hearth.yaml)")
    parser.add_argument("--gpu-layers", metavar="N", type=int, help="layers on the GPU, -1 for all (as in hearth.yaml)")


def engine_settings(options: argparse.Namespace) -> EngineSettings:
    """Return how a model is to be run: as ``hearth.yaml`` says, unless the command says otherwise; nothing is kept of it."""
    import msgspec  # noqa: PLC0415 - other commands start faster without these

    from hub.config.settings import load_settings  # noqa: PLC0415
    from hub.inference.configuration import InferenceSettings  # noqa: PLC0415

    written = InferenceSettings.parse(load_settings(options.config).inference, options.config).engine
    given = {key: getattr(options, key) for key in ("context", "threads", "gpu_layers")}
    given = {key: value for key, value in given.items() if value is not None}
    return msgspec.structs.replace(written, cache=None, **given)


def quiet() -> None:
    """Keep the engine from logging what the command says itself."""
    logging.getLogger("hub.inference").setLevel(logging.CRITICAL)


def report(options: argparse.Namespace, answer: Mapping[str, Any], text: str) -> int:
    """Print an answer for programs or for people; return exit code 0."""
    print(json.dumps(answer) if options.json else text)
    return 0


def added(options: argparse.Namespace, new: Model, words: str = "") -> int:
    """Say that a model is there now, and how it is chosen."""
    answer = {"name": new.name, "path": str(new.path), "size": new.size}
    text = f"{new.name}: {size(new.size)}{words}. To use it, write inference: {{model: {new.name}}} in {options.config / 'hearth.yaml'}, or 'hearth model use {new.name}' while the hub runs"
    return report(options, answer, text)


def size(number: float) -> str:
    """Return a number of bytes for people."""
    return f"{number / 1e9:.2f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
