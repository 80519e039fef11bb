"""What can be configured: nothing for the hub's own endpoint, an address for another broker."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from hub import Field, InvalidInput

V5 = "5"
V311 = "3.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Where another broker is, and how to connect to it. ``ca`` is a file of certificates to trust instead of the system's."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: str | None = None
    protocol: str = V311
    client_id: str | None = None

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    @property
    def is_exposed(self) -> bool:
        """Whether messages and the password cross a network in the clear."""
        return not self.tls and not _is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An entry's data. ``broker`` None: the hub's own endpoint. ``discovery_prefix`` None: no discovery."""

    broker: BrokerSettings | None = None
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_anonymous: bool = False
    discovery_prefix: str | None = "homeassistant"

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Settings:
        """Return the settings in an entry's data.

        Raises InvalidInput with the path to what is wrong.
        """
        try:
            checked: dict[str, Any] = SCHEMA(dict(data))
        except vol.Invalid as error:
            first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
            path = tuple(str(part) for part in first.path)
            raise InvalidInput(f"{first} in the MQTT settings", path=path) from None
        prefix = checked["discovery_prefix"] if checked["discovery"] else None
        shared = {key: checked[key] for key in ("users", "allow_anonymous")}
        return Settings(broker=_broker(checked), discovery_prefix=prefix, **shared)


def _broker(checked: Mapping[str, Any]) -> BrokerSettings | None:
    if "host" not in checked:
        return None
    keys = ("host", "username", "password", "tls", "ca", "protocol", "client_id")
    port = checked.get("port") or (8883 if checked.get("tls") else 1883)
    return BrokerSettings(port=port, **{key: checked[key] for key in keys if key in checked})


def _secret(value: Any) -> str:
    """Return a name or password; YAML reads one of digits as a number."""
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
        return str(value)
    raise vol.Invalid("expected some text")


def _prefix(value: Any) -> str:
    if not isinstance(value, str) or not value.strip("/") or set(value) & set("+#\0"):
        raise vol.Invalid(f"expected a topic without wildcards, got {value!r}")
    return value.strip("/")


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form sends for fields that were left empty."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _agree(data: dict[str, Any]) -> dict[str, Any]:
    if "host" in data:
        _check_client(data)
    else:
        _check_endpoint(data)
    return data


def _check_client(data: dict[str, Any]) -> None:
    if data["users"] or data["allow_anonymous"]:
        raise vol.Invalid("expected users only without host: they are the hub's own endpoint's", path=["users"])
    if "password" in data and "username" not in data:
        raise vol.Invalid("expected a username with the password", path=["username"])
    if not data.get("tls") and not data["allow_plaintext"] and not _is_loopback(data["host"]):
        message = "expected TLS for a broker on another machine: set tls, or allow_plaintext if it cannot do that"
        raise vol.Invalid(message, path=["tls"])


def _check_endpoint(data: dict[str, Any]) -> None:
    alone = {"port", "username", "password", "tls", "ca", "protocol", "client_id"} & set(data)
    if alone or data["allow_plaintext"]:
        names = ", ".join(sorted(alone)) or "allow_plaintext"
        raise vol.Invalid(f"expected a host with {names}", path=["host"])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


OPTIONS = {
    "host": str,
    "port": vol.All(int, vol.Range(1, 65_535)),
    "username": _secret,
    "password": _secret,
    "tls": bool,
    "ca": str,
    "client_id": str,
    "protocol": vol.All(vol.Coerce(str), vol.In([V5, V311])),
    vol.Optional("allow_plaintext", default=False): bool,
    vol.Optional("users", default={}): {_secret: _secret},
    vol.Optional("allow_anonymous", default=False): bool,
    vol.Optional("discovery", default=True): bool,
    vol.Optional("discovery_prefix", default="homeassistant"): _prefix,
}
SCHEMA = vol.Schema(vol.All(dict, _without_blanks, OPTIONS, _agree))

FORM = (
    Field(
        name="host",
        selector={"text": {}},
        required=True,
        label="Host",
        description="Name or address of your broker. The hub has one of its own: add one only if you run another.",
    ),
    Field(
        name="port",
        selector={"number": {"min": 1, "max": 65_535, "mode": "box"}},
        label="Port",
        description="1883, or 8883 with TLS, if left empty",
    ),
    Field(name="username", selector={"text": {}}, label="User name"),
    Field(name="password", selector={"text": {"type": "password"}}, label="Password"),
    Field(
        name="protocol",
        selector={"select": {"options": [V311, V5]}},
        default=V311,
        label="MQTT version",
        description="5 costs the hub twice the time for a message",
    ),
    Field(
        name="tls",
        selector={"boolean": {}},
        default=False,
        label="TLS",
        description="Encrypt the connection; the broker must speak TLS 1.3",
    ),
    Field(
        name="ca",
        selector={"text": {}},
        label="Certificate authority",
        description="File of certificates to trust, if the broker's is not signed by a public authority",
    ),
    Field(
        name="allow_plaintext",
        selector={"boolean": {}},
        default=False,
        label="Allow a connection without encryption",
        description="Everybody on the network between can then read messages and the password",
    ),
)
