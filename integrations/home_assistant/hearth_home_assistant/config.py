"""What can be configured: where Home Assistant is, the token, and what to bring here."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import voluptuous as vol
from yarl import URL

from hub import Field, InvalidInput

EXCLUDE = ("automation.*", "script.*", "sun.*", "zone.*")
"""What every hub has of its own, and what would only be confused with it."""
NOT_FORWARDED = (
    "*",
    "state_*",
    "call_service",
    "service_*",
    "component_loaded",
    "core_config_updated",
    "*_registry_updated",
    "homeassistant_*",
    "automation_*",
    "script_*",
    "hearth_*",
)
"""Events by which a hub tells of itself: those of another would be taken for its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An entry's data.

    ``patience`` is how many seconds entities keep their last states while Home Assistant cannot be reached: one that is
    restarted is back by then. ``ca`` is a file of certificates to trust instead of the system's.
    """

    url: URL
    token: str = field(repr=False)
    ca: str | None = None
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = EXCLUDE
    events: tuple[str, ...] = ()
    patience: float = 60.0

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
            raise InvalidInput(f"{first} in the settings of Home Assistant", path=path) from None
        checked.pop("uuid", None)
        return Settings(**{**checked, "url": URL(checked["url"])})

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{self.url.host}:{self.url.port}"

    @property
    def is_exposed(self) -> bool:
        """Whether states and the token cross a network in the clear."""
        return self.url.scheme == "http" and not _is_loopback(self.url.host or "")


def _url(value: Any) -> str:
    """Return the address without a path: people copy it from their browser, with the page they look at."""
    text = str(value).strip()
    try:
        url = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise vol.Invalid(f"expected an address such as http://homeassistant.local:8123, got {text!r}")
    if "://" not in text and url.explicit_port is None:
        url = url.with_port(8123)
    return str(url.origin())


def _token(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isascii():
        raise vol.Invalid("expected a long-lived access token")
    return value.strip()


def _list(value: Any) -> tuple[str, ...]:
    """Return a list, or what was written with commas in a form."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise vol.Invalid(f"expected a list of texts, got {value!r}")
    return tuple(item.strip() for item in items if item.strip())


def _events(value: Any) -> tuple[str, ...]:
    events = _list(value)
    for event in events:
        if event in NOT_FORWARDED or any(fnmatchcase(event, glob) for glob in NOT_FORWARDED[1:]):
            raise vol.Invalid(
                f"expected events of devices such as zha_event, got {event}: it belongs to the hub itself"
            )
    return events


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form sends for fields that were left empty."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


OPTIONS = {
    vol.Required("url"): _url,
    vol.Required("token"): _token,
    vol.Optional("uuid"): str,
    vol.Optional("ca"): str,
    vol.Optional("include"): _list,
    vol.Optional("exclude"): _list,
    vol.Optional("events"): _events,
    vol.Optional("patience"): vol.All(vol.Coerce(float), vol.Range(0, 3600)),
}
SCHEMA = vol.Schema(vol.All(dict, _without_blanks, OPTIONS))

FORM = (
    Field(
        name="url",
        selector={"text": {"type": "url"}},
        required=True,
        label="Address",
        description="What you open Home Assistant with, such as http://homeassistant.local:8123",
    ),
    Field(
        name="token",
        selector={"text": {"type": "password"}},
        required=True,
        label="Long-lived access token",
        description="Made in Home Assistant: your profile, Security, Long-lived access tokens",
    ),
    Field(
        name="exclude",
        selector={"text": {}},
        default=", ".join(EXCLUDE),
        label="Leave out",
        description="Patterns of entity ids, divided by commas",
    ),
    Field(
        name="events",
        selector={"text": {}},
        label="Events to forward",
        description="For automations here, such as zha_event, tag_scanned; divided by commas",
    ),
)
