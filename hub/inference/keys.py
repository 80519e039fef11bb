"""The keys of ``inference:`` in ``hearth.yaml``: what each may be, what it means, and how it is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.errors import InvalidInput
from hub.inference.remote.connection import root_of
from hub.inference.remote.dialects import DIALECTS
from hub.inference.settings import CacheType, Choice, LoadMode, SplitMode

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b?)\s*", re.IGNORECASE)
_LEAST_MEMORY = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: ``values`` and ``meaning`` are for the documentation, ``check`` raises vol.Invalid."""

    name: str
    check: Any
    values: str
    meaning: str
    required: bool = False


def table(keys: Iterable[Key]) -> Callable[[Any], dict[str, Any]]:
    """Return a check of a mapping with these keys."""
    known = {key.name: key for key in keys}
    schema = vol.Schema({(vol.Required if key.required else vol.Optional)(key.name): key.check for key in keys})

    def check(value: Any) -> dict[str, Any]:
        unknown = [key for key in value if key not in known] if isinstance(value, Mapping) else []
        if unknown:
            raise vol.Invalid(f"expected one of {', '.join(known)}, got {unknown[0]!r}", path=[unknown[0]])
        return dict(schema(value))

    return check


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(str(value)) if not isinstance(value, bool) else None
    unit = match and _UNITS.get(match[2].lower())
    if match is None or unit is None:
        raise vol.Invalid(f"expected a size such as 6 GB, got {value!r}")
    size = int(float(match[1]) * unit)
    if size < _LEAST_MEMORY:
        raise vol.Invalid(f"expected at least {_LEAST_MEMORY // 10**6} MB, got {value!r}")
    return size


def _choice(value: Any) -> Choice:
    """Return on, off or auto; YAML reads ``on`` and ``off`` as booleans."""
    if isinstance(value, bool):
        return Choice.ON if value else Choice.OFF
    if value not in tuple(Choice):
        raise vol.Invalid(f"expected auto, on or off, got {value!r}")
    return Choice(value)


def _one_of(names: Iterable[str]) -> Callable[[Any], str]:
    known = {str(name): name for name in names}

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise vol.Invalid(f"expected one of {', '.join(known)}, got {value!r}")
        return known[value]

    return check


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise vol.Invalid(f"expected a whole number from {least} to {most}, got {value!r}")
        return value

    return check


def _layers(value: Any) -> int:
    return -1 if value == "all" else _whole(0, 10_000)(value)


def _address(value: Any) -> str:
    try:
        return root_of(str(value))
    except InvalidInput as error:
        raise vol.Invalid(f"{error}, got {value!r}") from None


def _number(name: str, least: int, most: int, meaning: str) -> Key:
    return Key(name=name, check=_whole(least, most), values=f"{least} to {most:,}", meaning=meaning)


def _named(name: str, names: Iterable[str], meaning: str) -> Key:
    listed = [str(one) for one in names]
    return Key(name=name, check=_one_of(names), values=", ".join(f"`{one}`" for one in listed), meaning=meaning)


def _switch(name: str, meaning: str) -> Key:
    return Key(name=name, check=_choice, values="`auto`, `on`, `off`", meaning=meaning)


_SHARES = vol.All([vol.All(vol.Coerce(float), vol.Range(min=0.0))], vol.Length(min=1, max=16), vol.Coerce(tuple))

GPU: Sequence[Key] = (
    Key(
        name="layers",
        check=_layers,
        values="`all`, or a number",
        meaning="layers of the model that are computed on GPUs; 0 is none",
    ),
    _number("device", 0, 63, "the GPU, or the first of several, by llama.cpp's count"),
    _named(
        "split",
        SplitMode,
        "how a model is divided between several GPUs: whole on one, by layers, or by the rows of matrices",
    ),
    Key(name="shares", check=_SHARES, values="a list of numbers", meaning="how much each GPU gets, as proportions"),
)

SERVER: Sequence[Key] = (
    Key(
        name="url",
        check=_address,
        values="an address",
        meaning="where the server is, such as `http://box:8000`",
        required=True,
    ),
    Key(name="model", check=str, values="a name", meaning="its model; the first that it lists if left out"),
    Key(name="token", check=str, values="a secret", meaning="what it asks for as a bearer token: `!secret box_token`"),
    _named("dialect", DIALECTS, "what kind of server it is; found out if left out"),
)

ENGINE: Sequence[Key] = (
    _number(
        "context", 64, 10_000_000, "tokens that all requests at work share; the model's own, at most 8,192, if left out"
    ),
    _number("sequences", 1, 256, "the most requests at work at a time"),
    _number("batch", 16, 65_536, "the most tokens of one step"),
    _number("queue", 0, 100_000, "the most requests that wait; one more is refused"),
    _number("threads", 1, 1024, "processor threads; measured at the first start if left out"),
    _switch("flash_attention", "the other way to compute attention: pays on GPUs, seldom on processors"),
    _switch("repack", "weights in the form that this processor multiplies fastest, as a second copy in memory"),
    _named("cache_type", CacheType, "how keys and values are kept; quantised ones take less memory and more time"),
    _named("load_mode", LoadMode, "weights mapped from the file, mapped and pinned, or read into memory of their own"),
    Key(
        name="memory",
        check=_size,
        values="a size such as `6 GB`",
        meaning="what the worker may allocate, mapped weights apart; no limit if left out",
    ),
    _number("niceness", 0, 19, "how far the worker steps back behind the hub"),
    _number("prefixes", 0, 64, "the most beginnings of prompts that are kept in memory"),
    Key(
        name="calibrate",
        check=bool,
        values="`true`, `false`",
        meaning="whether the first start measures what suits this machine",
    ),
)

WHOLE: Sequence[Key] = (
    Key(name="model", check=str, values="a name or a file", meaning="a model of `hearth model list`, or a file in this folder; the command model that comes with Hearth if left out"),
    *ENGINE,
    Key(name="gpu", check=table(GPU), values="see below", meaning="what is computed on graphics processors"),
    Key(name="cache", check=bool, values="`on`, `off`", meaning="whether what the model has read is kept in `.hearth/inference` for the next start"),
    Key(name="servers", check=vol.All([table(SERVER)], vol.Length(max=64)), values="a list, see below", meaning="OpenAI-compatible servers that answer the API's requests before the local model"),
)  # fmt: skip
