from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_xmpp.codec import CLIENT, DELAY, MUC_USER, Me, read_contact_request, read_message, sendable, spoken_to
from hub import Message

ROOM = "home@rooms.example.org"
PEOPLE = {(ROOM, "Ada"): "ada@example.org/phone"}
ME = Me("hearth@example.org", {ROOM: "Hearth", "other@rooms.example.org": ""}, lambda *place: PEOPLE.get(place))


def stanza(body: str | None = "hello", name: str = "message", **attributes: str) -> Element:
    element = Element(f"{CLIENT}{name}", {key.rstrip("_"): value for key, value in attributes.items()})
    if body is not None:
        SubElement(element, f"{CLIENT}body").text = body
    return element


def read(body: str | None = "hello", **attributes: str) -> Message | None:
    return read_message(stanza(body, **attributes), ME)


@pytest.mark.parametrize("kind", [{}, {"type": "chat"}, {"type": "normal"}])
def test_a_message_is_from_a_person_not_from_one_of_their_devices(kind: dict[str, str]) -> None:
    message = read(from_="ada@example.org/phone", **kind)
    assert message == Message(conversation="ada@example.org", sender="ada@example.org", text="hello")


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        (None, {"from_": "ada@example.org/phone"}),
        ("  ", {"from_": "ada@example.org/phone"}),
        ("hello", {}),
        ("hello", {"from_": "example.org"}),
        ("hello", {"from_": "hearth@example.org/other"}),
        ("hello", {"from_": "ada@example.org", "type": "error"}),
        ("hello", {"from_": "ada@example.org", "type": "headline"}),
        ("hello", {"from_": f"{ROOM}/Ada", "type": "chat"}),
        ("hello", {"from_": f"{ROOM}/Hearth", "type": "groupchat"}),
        ("hello", {"from_": ROOM, "type": "groupchat"}),
        ("hello", {"from_": "other@rooms.example.org/Ada", "type": "groupchat"}),
        ("hello", {"from_": "nowhere@rooms.example.org/Ada", "type": "groupchat"}),
    ],
)
def test_what_is_no_text_of_another_person_is_left_alone(body: str | None, attributes: dict[str, str]) -> None:
    assert read(body, **attributes) is None


def test_what_is_whispered_in_a_room_is_left_alone() -> None:
    element = stanza(from_="unknown@rooms.example.org/ada@example.org", type="chat")
    SubElement(element, MUC_USER)
    assert read_message(element, ME) is None


def test_in_a_room_the_sender_is_whom_the_room_vouches_for() -> None:
    known = read("Hearth: lights off", from_=f"{ROOM}/Ada", type="groupchat")
    assert known is not None
    assert (known.conversation, known.sender, known.text) == (ROOM, "ada@example.org", "lights off")
    assert known.data == {"group": True, "addressed": True, "verified": True}
    nickname = read("lights off", from_=f"{ROOM}/ada@example.org", type="groupchat")
    assert nickname is not None
    assert nickname.data == {"group": True, "addressed": False, "verified": False}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hearth: open it", "open it"),
        ("hearth, open it", "open it"),
        ("@HEARTH open it", "open it"),
        ("@Hearth: open it", "open it"),
        ("Hearth：开灯", "开灯"),
        ("Hearth:", ""),
        ("Hearth open it", None),
        ("@Hearthfire open it", None),
        ("is Hearth: there", None),
        ("", None),
    ],
)
def test_the_hub_is_spoken_to_by_its_name(text: str, rest: str | None) -> None:
    assert spoken_to(text, "Hearth") == rest


@pytest.mark.parametrize("nickname", ["C++ (home)", ".*", "小智"])
def test_any_nickname_can_be_spoken_to(nickname: str) -> None:
    assert spoken_to(f"{nickname}: hello", nickname) == "hello"


@pytest.mark.parametrize(
    ("stamp", "data"),
    [
        ("2026-07-01T12:00:00Z", {"sent": 1782907200.0}),
        ("2026-07-01T14:00:00+02:00", {"sent": 1782907200.0}),
        ("2026-07-01T12:00:00", {"sent": 1782907200.0}),
        ("yesterday", {}),
    ],
)
def test_a_message_that_waited_says_since_when(stamp: str, data: dict[str, Any]) -> None:
    element = stanza(from_="ada@example.org/phone")
    SubElement(element, DELAY, stamp=stamp)
    message = read_message(element, ME)
    assert message is not None
    assert message.data == data


def test_a_contact_request_is_read() -> None:
    request = stanza(None, "presence", from_="ada@example.org/phone", type="subscribe")
    message = read_contact_request(request, ME)
    assert message == Message(
        conversation="ada@example.org", sender="ada@example.org", text="", data={"contact_request": True}
    )
    for attributes in (
        {"type": "subscribed"},
        {"type": "subscribe"},
        {"from_": "hearth@example.org", "type": "subscribe"},
    ):
        assert read_contact_request(stanza(None, "presence", **attributes), ME) is None


@given(st.text())
def test_whatever_is_said_can_be_sent(text: str) -> None:
    element = Element("body")
    element.text = sendable(text)
    read_back = fromstring(tostring(element, encoding="utf-8").decode()).text or ""  # noqa: S314 - our own
    assert read_back == sendable(text).replace("\r\n", "\n").replace("\r", "\n")


ATTRIBUTES = st.dictionaries(
    st.sampled_from(["from", "to", "type", "id"]),
    st.one_of(st.text(), st.sampled_from(["chat", "groupchat", "error", "subscribe", f"{ROOM}/Ada", "a@b/c"])),
)


@given(ATTRIBUTES, st.text(), st.text())
def test_no_stanza_breaks_the_reader(attributes: dict[str, str], body: str, stamp: str) -> None:
    element = Element(f"{CLIENT}message", attributes)
    SubElement(element, f"{CLIENT}body").text = body
    SubElement(element, DELAY, stamp=stamp)
    message = read_message(element, ME)
    assert message is None or (message.sender and message.text.strip() and message.sender != ME.jid)
    read_contact_request(element, ME)
