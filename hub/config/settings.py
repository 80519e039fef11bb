"""``hearth.yaml``: one file, written by hand, where everything has a default."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import voluptuous as vol

from hub.config.machine import is_host_name, machine_language, machine_time_zone
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
    server_names: tuple[str, ...] = ()
    certificate: str | None = None
    certificate_key: str | None = None
    plain_protocols: tuple[str, ...] = ()
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


def _server_name(value: Any) -> str:
    """Return a host name, or an address as it is written canonically; raises vol.Invalid."""
    name = str(value).lower()
    if is_host_name(name):
        return name
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        raise vol.Invalid(f"expected a host name or an address such as hub.example, got {value!r}") from None


_SERVER = {
    "host": str,
    "port": vol.All(int, vol.Range(min=0, max=65535)),
    "names": vol.All([_server_name], vol.Coerce(tuple)),
    vol.Inclusive("certificate", "certificate", "expected both, certificate and key"): str,
    vol.Inclusive("key", "certificate", "expected both, certificate and key"): str,
    "plain": vol.All([str], vol.Coerce(tuple)),
}
_SERVER_FIELDS = {"names": "server_names", "key": "certificate_key", "plain": "plain_protocols"}

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
    "server": vol.Schema(_SERVER),
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
    server = {_SERVER_FIELDS.get(key, key): value for key, value in values.pop("server", {}).items()}
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
