"""XMPP as an integration: its manifest, form and action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import voluptuous as vol

from hearth_xmpp.adapter import XmppAdapter
from hearth_xmpp.addresses import is_person
from hearth_xmpp.config import FORM, SCHEMA, Settings
from hub import ActionDescription, Field, Integration, InvalidInput, Manifest, Probed, hook


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer XMPP."""
    manifest = Manifest.parse(files("hearth_xmpp").joinpath("manifest.json").read_bytes(), "hearth_xmpp/manifest.json")
    return [
        Integration(
            manifest=manifest,
            make=XmppAdapter,
            config_schema=SCHEMA,
            form=FORM,
            probe=probe,
            actions=(SEND_MESSAGE,),
        )
    ]


async def probe(data: Mapping[str, Any]) -> Probed:
    """Try to log in as the form says.

    Raises InvalidInput for what is wrong in the form, ConnectionLost if the server cannot be reached.
    """
    from hearth_xmpp.session import LoginRefused, Session  # noqa: PLC0415 - see adapter.py

    settings = Settings.parse(data)
    try:
        async with Session(settings):
            kept = {key: value for key, value in data.items() if value not in (None, "")}
            return Probed(title=settings.jid, unique_id=settings.jid, data=kept)
    except LoginRefused as error:
        raise InvalidInput(str(error), path=("password",)) from None


def _recipients(value: Any) -> list[str]:
    addresses = [address.strip().lower() for address in ([value] if isinstance(value, str) else value)]
    wrong = next((address for address in addresses if not is_person(address)), None)
    if wrong is not None or not addresses:
        raise vol.Invalid(f"expected an address such as ada@example.org, got {wrong!r}")
    return addresses


SEND_MESSAGE = ActionDescription(
    domain="xmpp",
    name="send_message",
    entity=False,
    description="Sends a message to people or to rooms that the hub is in.",
    fields=(
        Field(
            name="to",
            selector={"text": {"multiple": True}},
            required=True,
            example="ada@example.org",
            description="One address or several",
            validate=_recipients,
        ),
        Field(name="message", selector={"text": {"multiline": True}}, required=True, example="The washing is done."),
        Field(name="title", selector={"text": {}}, example="Laundry", description="A first line"),
    ),
)
