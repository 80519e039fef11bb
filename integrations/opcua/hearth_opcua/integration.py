"""OPC UA as an integration: its manifest, and the form that adds a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from hearth_opcua.adapter import OpcUaAdapter
from hearth_opcua.config import FORM, SCHEMA, Security, Settings
from hub import Integration, InvalidInput, Manifest, Probed, hook


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer OPC UA."""
    text = files("hearth_opcua").joinpath("manifest.json").read_bytes()
    manifest = Manifest.parse(text, "hearth_opcua/manifest.json")
    return [Integration(manifest=manifest, make=OpcUaAdapter, config_schema=SCHEMA, form=FORM, probe=probe)]


async def probe(data: Mapping[str, Any]) -> Probed:
    """Log in as the form says and look what there is; the hub's new certificate and the server's go into the entry.

    A server that does not trust the certificate yet is added all the same: only then can its administrator accept it. Raises
    InvalidInput for what is wrong in the form, ConnectionLost if the server cannot be reached.
    """
    from hearth_opcua.session import LoginRefused, NotTrusted, Session, speaking  # noqa: PLC0415 - see adapter.py

    entry = {key: value for key, value in data.items() if value is not None and value != ""}
    settings = Settings.parse(entry)
    entry["url"] = settings.url
    identity = await _identity(settings)
    if identity is not None:
        entry |= {"certificate": identity.certificate, "private_key": identity.private_key}
    session = Session(settings, identity, settings.fingerprint)
    try:
        async with session, speaking(settings.address):
            await _look(session, settings)
    except LoginRefused as error:
        raise InvalidInput(str(error), path=("password" if settings.username else "username",)) from None
    except NotTrusted:
        pass  # the entry's health says what to do
    if session.seen is not None:
        entry["fingerprint"] = session.seen
    return Probed(title=session.name, unique_id=settings.address, data=entry)


async def _look(session: Any, settings: Settings) -> None:
    from hearth_opcua.finding import find  # noqa: PLC0415 - see adapter.py

    found = await find(session, settings)
    if found.items:
        return
    reasons = "; ".join(f"{name}: {problem}" for name, problem in found.problems.items())
    raise InvalidInput(f"Found no variables that could be entities. {reasons}".rstrip(), path=("browse",))


async def _identity(settings: Settings) -> Any:
    from hearth_opcua.identity import load_identity, make_identity  # noqa: PLC0415 - see adapter.py

    if settings.security is Security.NONE:
        return None
    if settings.certificate is not None and settings.private_key is not None:
        return load_identity(settings.certificate, settings.private_key)
    return await asyncio.to_thread(make_identity)
