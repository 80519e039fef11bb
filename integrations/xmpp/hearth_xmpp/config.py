"""What can be configured: the hub's own account, whom it may write to, and the rooms it sits in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from hearth_xmpp.addresses import domain, is_person
from hub import Field, InvalidInput

STARTTLS_PORT, DIRECT_TLS_PORT = 5222, 5223
NICKNAME = "Hearth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A group chat that the hub joins."""

    address: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An entry's data.

    ``host`` None: the domain's own servers, as its DNS says. ``direct_tls``: encrypted from the first byte, instead of by
    STARTTLS. ``ca`` is a file of certificates to trust instead of the system's. ``contacts`` are addresses and domains whose
    contact requests are granted without pairing.
    """

    jid: str
    password: str = field(repr=False)
    host: str | None = None
    port: int = STARTTLS_PORT
    direct_tls: bool = False
    ca: str | None = None
    nickname: str = NICKNAME
    recipients: tuple[str, ...] = ()
    contacts: frozenset[str] = frozenset()
    rooms: tuple[Room, ...] = ()

    @property
    def server(self) -> str:
        """Where the account is, for messages to people."""
        return domain(self.jid) if self.host is None else f"{self.host}:{self.port}"

    def is_room(self, address: str) -> bool:
        """Say whether this is the address of one of the rooms."""
        return any(room.address == address for room in self.rooms)

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
            raise InvalidInput(f"{first} in the XMPP settings", path=path) from None
        rooms = tuple(Room(address=room["room"], password=room.get("password")) for room in checked["rooms"])
        port = checked.get("port") or (DIRECT_TLS_PORT if checked["direct_tls"] else STARTTLS_PORT)
        lists = {"recipients": tuple(checked["recipients"]), "contacts": frozenset(checked["contacts"])}
        return Settings(**{**checked, **lists, "rooms": rooms, "port": port})


def _address(value: Any) -> str:
    if isinstance(value, str) and is_person(value.strip()):
        return value.strip().lower()
    raise vol.Invalid(f"expected an address such as hearth@example.org, got {value!r}")


def _contact(value: Any) -> str:
    """Return an address, or a domain whose people are all meant."""
    if isinstance(value, str) and "@" not in value and value.strip() and not set(value.strip()) & set("/ "):
        return value.strip().lower()
    return _address(value)


def _list(value: Any) -> list[Any]:
    """Return a list; a form sends one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, (list, tuple)):
        return list(value)
    raise vol.Invalid(f"expected a list, got {value!r}")


def _secret(value: Any) -> str:
    """Return a password; YAML reads one of digits as a number."""
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
        return str(value)
    raise vol.Invalid("expected some text")


def _room(value: Any) -> dict[str, Any]:
    """Return a room, which may be written as its address alone."""
    shape = vol.Schema({vol.Required("room"): _address, "password": _secret})
    checked: dict[str, Any] = shape({"room": value} if isinstance(value, str) else value)
    return checked


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form sends for fields that were left empty."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _agree(data: dict[str, Any]) -> dict[str, Any]:
    alone = sorted({"port"} & set(data)) or (["direct_tls"] if data["direct_tls"] else [])
    if alone and "host" not in data:
        raise vol.Invalid(f"expected a host with {alone[0]}: without one the domain's DNS says both", path=["host"])
    return data


OPTIONS = {
    vol.Required("jid"): _address,
    vol.Required("password"): _secret,
    "host": str,
    "port": vol.All(int, vol.Range(1, 65_535)),
    vol.Optional("direct_tls", default=False): bool,
    "ca": str,
    vol.Optional("nickname", default=NICKNAME): vol.All(str, str.strip, vol.Length(min=1, max=50)),
    vol.Optional("recipients", default=[]): vol.All(_list, [_address]),
    vol.Optional("contacts", default=[]): vol.All(_list, [_contact]),
    vol.Optional("rooms", default=[]): vol.All(_list, [_room]),
}
SCHEMA = vol.Schema(vol.All(dict, _without_blanks, OPTIONS, _agree))

FORM = (
    Field(
        name="jid",
        selector={"text": {}},
        required=True,
        label="Address",
        description="The hub's own account, such as hearth@example.org. Make one at any XMPP server; do not use yours.",
    ),
    Field(name="password", selector={"text": {"type": "password"}}, required=True, label="Password"),
    Field(
        name="recipients",
        selector={"text": {}},
        label="Recipients",
        description="Addresses that automations may write to, separated by commas: each becomes a notify entity",
    ),
    Field(
        name="rooms",
        selector={"text": {}},
        label="Rooms",
        description="Addresses of group chats to join, separated by commas",
    ),
    Field(name="nickname", selector={"text": {}}, default=NICKNAME, label="Nickname", description="Its name in rooms"),
    Field(
        name="host",
        selector={"text": {}},
        label="Server",
        description="Name or address of the server, if the address's domain does not lead there",
    ),
    Field(
        name="port",
        selector={"number": {"min": 1, "max": 65_535, "mode": "box"}},
        label="Port",
        description="5222, or 5223 with direct TLS, if left empty",
    ),
    Field(
        name="direct_tls",
        selector={"boolean": {}},
        default=False,
        label="Direct TLS",
        description="Encrypted from the first byte instead of by STARTTLS; for the server above",
    ),
    Field(
        name="ca",
        selector={"text": {}},
        label="Certificate authority",
        description="File of certificates to trust, if the server's is not signed by a public authority",
    ),
)
