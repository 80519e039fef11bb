"""Where a login may send the user's browser: back to the client that asked, and nowhere else (IndieAuth)."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from hub.errors import InvalidInput

_APPS = {
    "https://home-assistant.io/iOS": ("homeassistant://auth-callback",),
    "https://home-assistant.io/android": ("homeassistant://auth-callback",),
}
"""The companion apps take the answer under a scheme of their own."""


def check_redirect(client_id: str, redirect_uri: str) -> None:
    """Do nothing if a login for this client may end at ``redirect_uri``.

    A client id is the address of the client's site; the redirect has to be on the same site. Nothing is fetched to find out
    more. Raises InvalidInput.
    """
    if redirect_uri in _APPS.get(client_id, ()):
        return
    client, redirect = _address(client_id), _address(redirect_uri)
    if client is None or redirect is None or not _may_be_client(client):
        raise InvalidInput(
            "invalid client id or redirect uri: expected the addresses of a website", path=("client_id",)
        )
    if (client.scheme, client.netloc.lower()) != (redirect.scheme, redirect.netloc.lower()):
        raise InvalidInput("invalid client id or redirect uri: expected both on the same site", path=("redirect_uri",))


def redirect_with(redirect_uri: str, **values: str) -> str:
    """Return the address with these values added to its query."""
    parts = urlsplit(redirect_uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *values.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _address(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    good = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.fragment
    return parts if good and port != 0 and text.isprintable() and " " not in text else None


def _may_be_client(client: SplitResult) -> bool:
    """A name, or an address of the own network: a bare public address cannot be a client's identity."""
    if any(part in (".", "..") for part in client.path.split("/")):
        return False
    try:
        return ipaddress.ip_address(client.hostname or "").is_private
    except ValueError:
        return True
