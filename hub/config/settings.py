"""``hearth.yaml``: one file, written by hand, where everything has a default."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import voluptuous as vol

from hub.config.yaml import load_file, where
from hub.errors import ConfigError

FILE = "hearth.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The hub's settings. ``integrations`` maps a name to its entries' data; the other mappings belong to their parts.

    ``written`` are the keys that ``hearth.yaml`` gives: those cannot be changed elsewhere.
    """

    name: str = "Home"
    language: str = "en"
    time_zone: str = "UTC"
    latitude: float = 0.0
    longitude: float = 0.0
    elevation: float = 0.0
    currency: str = "EUR"
    country: str | None = None
    internal_url: str | None = None
    external_url: str | None = None
    host: str = "localhost"
    port: int = 8123
    recorder: Mapping[str, Any] = field(default_factory=dict)
    inference: Mapping[str, Any] = field(default_factory=dict)
    discovery: Mapping[str, Any] = field(default_factory=dict)
    integrations: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    problems: tuple[ConfigError, ...] = ()
    written: frozenset[str] = frozenset()


def _entries(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value if value is not None else {}]
    if not all(isinstance(item, Mapping) for item in items):
        raise vol.Invalid("expected a mapping of settings, or a list of them")
    return items


def _language(value: Any) -> str:
    if value not in ("en", "zh-Hans"):
        raise vol.Invalid(f"expected en or zh-Hans, got {value!r}")
    return str(value)


def known_time_zone(value: Any) -> str:
    """Return the name of a time zone that the machine knows; raises vol.Invalid."""
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise vol.Invalid(f"expected a time zone such as Europe/Berlin, got {value!r}") from None


def web_address(value: Any) -> str:
    """Return the address of a web server without a path; raises vol.Invalid."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        good = False
    if not good:
        raise vol.Invalid(f"expected an address such as https://home.example:8123, got {value!r}")
    return str(value).rstrip("/")


PARTS: Mapping[str, Any] = {
    "name": vol.All(str, vol.Length(min=1, max=100)),
    "language": _language,
    "time_zone": str,
    "latitude": vol.All(vol.Coerce(float), vol.Range(min=-90, max=90)),
    "longitude": vol.All(vol.Coerce(float), vol.Range(min=-180, max=180)),
    "elevation": vol.Coerce(float),
    "currency": str,
    "country": vol.Any(str, None),
    "internal_url": vol.Any(web_address, None),
    "external_url": vol.Any(web_address, None),
    "server": vol.Schema({"host": str, "port": vol.All(int, vol.Range(min=0, max=65535))}),
    "recorder": dict,  # the recorder and the inference engine check their own parts
    "inference": dict,
    "discovery": vol.Schema({"interfaces": [str]}),
    "integrations": vol.Schema({str: _entries}),
}


def load_settings(folder: Path) -> Settings:
    """Return the settings of a configuration folder; without ``hearth.yaml`` they are the defaults.

    A part that is wrong keeps its default and is named in ``problems``, with file and line. Raises ConfigError only if the
    file is no YAML mapping at all.
    """
    file = folder / FILE
    language = machine_language()
    name = "家" if language == "zh-Hans" else "Home"
    defaults: dict[str, Any] = {"time_zone": machine_time_zone(), "language": language, "name": name}
    if not file.is_file():
        return Settings(**defaults)
    document = load_file(file)
    if document is None:
        return Settings(**defaults)
    if not isinstance(document, Mapping):
        raise ConfigError(
            f"Expected settings such as 'name: Home', got {type(document).__name__}", file=str(file), line=1
        )
    values, problems = _check(document)
    server = values.pop("server", {})
    return Settings(**{**defaults, **values, **server}, problems=tuple(problems), written=frozenset(values))


def _check(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[ConfigError]]:
    values: dict[str, Any] = {}
    problems: list[ConfigError] = []
    for key, value in document.items():
        file, line = where(document, key)
        if key not in PARTS:
            known = ", ".join(PARTS)
            problems.append(
                ConfigError(f"Expected one of {known}, got {key!r}: remove or correct it", file=file, line=line)
            )
            continue
        try:
            values[key] = vol.Schema(PARTS[key])(value)
        except vol.Invalid as error:
            path = (key, *(str(part) for part in error.path))
            problems.append(ConfigError(f"{key}: {error}; the default is used", file=file, line=line, path=path))
    return values, problems


def machine_time_zone() -> str:
    """Return the machine's time zone's name, or UTC."""
    try:
        parts = Path("/etc/localtime").resolve().parts
    except OSError:
        return "UTC"
    return os.environ.get("TZ") or "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"


def machine_language() -> str:
    """Return ``zh-Hans`` where the machine speaks Chinese, otherwise ``en``."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh-Hans" if name.lower().startswith("zh") else "en"
