"""Between stanzas and the hub's messages. Pure: an element in, a value out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hearth_xmpp.addresses import bare, is_person, resource
from hub import Message

CLIENT = "{jabber:client}"
DELAY = "{urn:xmpp:delay}delay"
MUC_USER = "{http://jabber.org/protocol/muc#user}x"
_DIRECT = frozenset({"chat", "normal"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

RealAddress = Callable[[str, str], str | None]
"""Returns the address of the person behind (room, nickname), where the room tells it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who the hub is: its address, and its nickname in each of its rooms, empty until it is in."""

    jid: str
    nicknames: dict[str, str]
    real_address: RealAddress


def read_message(stanza: Element, me: Me) -> Message | None:
    """Return what somebody said, or None for anything that is no text of another's."""
    kind, sender = stanza.get("type", "normal"), stanza.get("from", "")
    text = stanza.findtext(f"{CLIENT}body") or ""
    if not text.strip() or not sender or bare(sender) == me.jid:
        return None
    if kind == "groupchat":
        return _in_room(stanza, sender, text, me)
    private = bare(sender) in me.nicknames or stanza.find(MUC_USER) is not None  # a nickname is nobody's address
    if kind not in _DIRECT or private or not is_person(bare(sender)):
        return None
    return Message(conversation=bare(sender), sender=bare(sender), text=text, data=_sent(stanza))


def read_contact_request(stanza: Element, me: Me) -> Message | None:
    """Return the request of somebody who would like the hub among their contacts, or None for any other presence."""
    sender = bare(stanza.get("from", ""))
    if stanza.get("type") != "subscribe" or sender == me.jid or not is_person(sender):
        return None
    return Message(conversation=sender, sender=sender, text="", data={"contact_request": True})


def _in_room(stanza: Element, sender: str, text: str, me: Me) -> Message | None:
    room, nickname = bare(sender), resource(sender)
    own = me.nicknames.get(room)
    if not own or not nickname or nickname == own:  # a room we are not in (yet), the room itself, our own echo
        return None
    rest = spoken_to(text, own)
    real = me.real_address(room, nickname)
    data = {"group": True, "addressed": rest is not None, "verified": real is not None, **_sent(stanza)}
    return Message(conversation=room, sender=bare(real) if real else sender, text=rest or text, data=data)


def spoken_to(text: str, nickname: str) -> str | None:
    """Return what is said to somebody of this name, without the name; None where they are not spoken to.

    >>> spoken_to("Hearth: is the door locked?", "Hearth"), spoken_to("@hearth lights off", "Hearth")
    ('is the door locked?', 'lights off')
    >>> spoken_to("The hearth is warm", "Hearth")
    """
    match = re.match(
        rf"\s*(?:@{re.escape(nickname)}(?!\w)[:,，：]?|{re.escape(nickname)}\s*[:,，：])\s*", text, re.IGNORECASE
    )
    return text[match.end() :] if match else None


def _sent(stanza: Element) -> dict[str, float]:
    """Return when a message was written that waited on its way."""
    stamp = next((element.get("stamp", "") for element in stanza.iterfind(DELAY)), "")
    try:
        sent = dt.datetime.fromisoformat(stamp)
        return {"sent": (sent if sent.tzinfo else sent.replace(tzinfo=dt.UTC)).timestamp()}
    except (ValueError, OverflowError):
        return {}


def sendable(text: str) -> str:
    """Return a text without the characters that XML cannot carry.

    >>> sendable("lamp\\x00 on")
    'lamp on'
    """
    return _NOT_XML.sub("", text)
