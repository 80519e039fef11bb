"""What can be configured: where the server is, how to be let in, and which of its nodes become entities."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import voluptuous as vol

from hub import Field, InvalidInput

OBJECTS = "i=85"
"""The folder below which servers keep what they are about."""
DOMAINS = ("sensor", "binary_sensor", "switch", "number", "select", "text", "button")
_NODE_ID = re.compile(r"(ns=\d+;|nsu=[^;]+;)?(i=\d+|s=.+|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/=]+)\Z")


class Security(StrEnum):
    """How messages are protected; other than NONE by the policy Basic256Sha256."""

    NONE = "none"
    SIGN = "sign"
    SIGN_AND_ENCRYPT = "sign_and_encrypt"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """One node that the user wants, and what is known of it better than by the server. None: as the server says."""

    node: str
    name: str | None = None
    domain: str | None = None
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    scale: float = 1.0
    offset: float = 0.0
    precision: int | None = None
    writable: bool = False
    min: float | None = None
    max: float | None = None
    step: float | None = None
    options: Mapping[int, str] = field(default_factory=dict)
    icon: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An entry's data.

    ``browse`` are nodes below which every variable becomes an entity, ``browse_writable`` whether it may be changed where the
    server allows that. ``certificate`` and ``private_key`` are the hub's own (PEM), ``fingerprint`` is that of the server's
    certificate (SHA-256, hexadecimal); without them the adapter makes and learns them at its first connection. ``interval`` is
    how often the server sends changes, in seconds.
    """

    url: str
    security: Security = Security.NONE
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    fingerprint: str | None = None
    certificate: str | None = None
    private_key: str | None = field(default=None, repr=False)
    interval: float = 1.0
    browse: tuple[str, ...] = ()
    browse_writable: bool = False
    nodes: tuple[NodeSettings, ...] = ()

    @property
    def address(self) -> str:
        """The server's address without the scheme: what ids and messages name it by."""
        return self.url.partition("://")[2].rstrip("/")

    @property
    def is_exposed(self) -> bool:
        """Whether values cross a network in the clear."""
        return self.security is not Security.SIGN_AND_ENCRYPT and not self.is_local

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

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
            raise InvalidInput(f"{first} in the OPC UA settings", path=path) from None
        nodes = tuple(NodeSettings(**node) for node in checked["nodes"])
        return Settings(**{**checked, "nodes": nodes, "browse": tuple(checked["browse"])})


def _url(value: Any) -> str:
    parts = urlsplit(value if isinstance(value, str) else "")
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "opc.tcp" or not parts.hostname or parts.username is not None:
        raise vol.Invalid(f"expected an address such as opc.tcp://192.168.1.40:4840, got {value!r}")
    return value.strip() if port else f"opc.tcp://{parts.netloc}:4840{parts.path}"


def _node_id(value: Any) -> str:
    if isinstance(value, str) and _NODE_ID.match(value.strip()):
        return value.strip()
    raise vol.Invalid(f"expected a node id such as ns=2;s=Boiler.Temperature, got {value!r}")


def _list(value: Any) -> list[Any]:
    """Return a list; a form sends one text."""
    return [value] if isinstance(value, (str, dict)) else list(value)


def _fingerprint(value: Any) -> str:
    plain = str(value).replace(":", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", plain):
        return plain
    raise vol.Invalid("expected the SHA-256 fingerprint of a certificate, 64 hexadecimal digits")


def _number_key(value: Any) -> int:
    """Return a whole number; JSON, in which entries are kept, makes a text of one that is a key."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise vol.Invalid(f"expected a whole number, got {value!r}")
    return int(value)


def _word(value: Any) -> str:
    """Return a word; YAML reads ``off`` and ``on`` as no words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (str, int, float)) and str(value).strip():
        return str(value).strip()
    raise vol.Invalid(f"expected a word, got {value!r}")


def _secret(value: Any) -> str:
    """Return a password; YAML reads one of digits as a number."""
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
        return str(value)
    raise vol.Invalid("expected some text")


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form sends for fields that were left empty."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _node_agrees(data: dict[str, Any]) -> dict[str, Any]:
    if data["scale"] == 0:
        raise vol.Invalid("expected a scale that is not 0", path=["scale"])
    if data.get("min", -1.0) > data.get("max", float("inf")):
        raise vol.Invalid("expected a min below the max", path=["min"])
    if len(set(data["options"].values())) < len(data["options"]):
        raise vol.Invalid("expected options with different names", path=["options"])
    return data


def _agree(data: dict[str, Any]) -> dict[str, Any]:
    if ("certificate" in data) != ("private_key" in data):
        raise vol.Invalid("expected a certificate and its private_key, or neither", path=["private_key"])
    if "password" in data and "username" not in data:
        raise vol.Invalid("expected a username with the password", path=["username"])
    ids = [node["node"] for node in data["nodes"]]
    if len(set(ids)) < len(ids):
        raise vol.Invalid("expected each node once", path=["nodes"])
    if not data["nodes"] and not data["browse"]:
        data["browse"] = [OBJECTS]
    return data


_NUMBER = vol.All(vol.Any(int, float), vol.Coerce(float))
NODE_OPTIONS = {
    vol.Required("node"): _node_id,
    "name": vol.All(str, str.strip, vol.Length(min=1, max=100)),
    "domain": vol.In(DOMAINS),
    "unit": str,
    "device_class": str,
    "state_class": vol.In(("measurement", "total", "total_increasing")),
    vol.Optional("scale", default=1.0): _NUMBER,
    vol.Optional("offset", default=0.0): _NUMBER,
    "precision": vol.All(int, vol.Range(0, 10)),
    vol.Optional("writable", default=False): bool,
    "min": _NUMBER,
    "max": _NUMBER,
    "step": vol.All(_NUMBER, vol.Range(min=0, min_included=False)),
    vol.Optional("options", default=dict): {_number_key: _word},
    "icon": str,
    "category": vol.In(("config", "diagnostic")),
}
OPTIONS = {
    vol.Required("url"): _url,
    vol.Optional("security", default=Security.NONE): vol.Coerce(Security),
    "username": vol.All(str, vol.Length(min=1)),
    "password": _secret,
    "fingerprint": _fingerprint,
    "certificate": str,
    "private_key": str,
    vol.Optional("interval", default=1.0): vol.All(_NUMBER, vol.Range(0.05, 3600)),
    vol.Optional("browse", default=list): vol.All(_list, [_node_id]),
    vol.Optional("browse_writable", default=False): bool,
    vol.Optional("nodes", default=list): [vol.All(NODE_OPTIONS, _node_agrees)],
}
SCHEMA = vol.Schema(vol.All(dict, _without_blanks, OPTIONS, _agree))

FORM = (
    Field(
        name="url",
        selector={"text": {}},
        required=True,
        label="Address",
        description="Endpoint of the server, such as opc.tcp://192.168.1.40:4840",
    ),
    Field(
        name="security",
        selector={
            "select": {
                "options": [
                    {"value": Security.SIGN_AND_ENCRYPT.value, "label": "Basic256Sha256, signed and encrypted"},
                    {"value": Security.SIGN.value, "label": "Basic256Sha256, signed"},
                    {"value": Security.NONE.value, "label": "None"},
                ]
            }
        },
        default=Security.SIGN_AND_ENCRYPT.value,
        label="Security",
        description="The hub makes a certificate of its own; the server may have to be told to trust it",
    ),
    Field(name="username", selector={"text": {}}, label="User name", description="Empty: anonymous"),
    Field(name="password", selector={"text": {"type": "password"}}, label="Password"),
    Field(
        name="browse",
        selector={"text": {}},
        default=OBJECTS,
        label="Node",
        description="Every variable below this node becomes an entity",
    ),
    Field(
        name="browse_writable",
        selector={"boolean": {}},
        default=False,
        label="Allow changes",
        description="Variables that the server lets this user write become switches, numbers and so on",
    ),
)
