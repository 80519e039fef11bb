"""Where a listener listens: host names to bound sockets, and what to say when that fails."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket

from hub.errors import InvalidInput

_LOCALHOST = ("127.0.0.1", "::1")
_EVERYWHERE = {"127.0.0.1": "0.0.0.0", "::1": "::"}  # noqa: S104 - what a loopback address is part of
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_ATTEMPTS = 16


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this machine alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


async def bind(host: str, port: int) -> list[socket.socket]:
    """Return sockets bound to every address of ``host``, all at one port; 0 is any free port.

    ``localhost`` is 127.0.0.1 and, where the machine has it, ::1, whatever the resolver says. Beside an address that others
    reach, loopback is bound as well: the programs on this machine find the hub there, wherever else it is.
    Raises InvalidInput, with the remedy, if that cannot be.
    """
    addresses = _LOCALHOST if host == "localhost" else await _resolve(host)
    if not is_loopback(host):
        addresses += tuple(one for one in _LOCALHOST if one not in addresses and _EVERYWHERE[one] not in addresses)
    try:
        return _bind_all(addresses, port)
    except OSError as error:
        raise InvalidInput(_explain(error, host, port), path=("server", "port")) from error


async def _resolve(host: str) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        message = f"Expected a host name or address to listen on, got {host!r} ({error}): correct server.host"
        raise InvalidInput(message, path=("server", "host")) from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _bind_all(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    """With port 0 the first address chooses; where its choice is taken at another address, it chooses again."""
    for _ in range(_ATTEMPTS if port == 0 else 0):
        try:
            return _bind_at(addresses, 0)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return _bind_at(addresses, port)


def _bind_at(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for address in addresses:
            _bind_one(bound, address, port)
            port = port or bound[0].getsockname()[1]
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound


def _bind_one(bound: list[socket.socket], address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        one = socket.create_server((address, port), family=family, backlog=128)
    except OSError as error:
        if bound and error.errno in _NO_IPV6:
            return
        raise
    one.setblocking(False)
    bound.append(one)


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Expected port {port} of {host} to be free, but another program listens there: "
            f"stop it, or choose another port (hearth run --port {port + 1}, or server: port: in hearth.yaml)"
        )
    if error.errno == errno.EACCES:
        return f"Expected a port that this user may open, got {port}: choose one from 1024 on"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"Expected an address of this machine, got {host}: correct server: host: in hearth.yaml"
    return f"Could not listen on {host} port {port}: {error.strerror or error}"
