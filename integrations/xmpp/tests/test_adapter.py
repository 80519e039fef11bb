from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hearth_xmpp.adapter import XmppAdapter
from hearth_xmpp.integration import SEND_MESSAGE, probe
from hearth_xmpp.testing import ROOMS, Human, Prosody, free_port
from hub import Actuator, ConfigEntry, ConnectionLost, EntityCall, InvalidInput, Message, Messenger
from hub.testing import RecordingHost

Account = Mapping[str, Any]


@asynccontextmanager
async def running(host: RecordingHost, account: Account, **more: Any) -> AsyncIterator[XmppAdapter]:
    """Run the adapter until the block ends."""
    adapter = XmppAdapter(ConfigEntry(entry_id="1", integration="xmpp", title="", data={**account, **more}))
    host.connection = None
    task = asyncio.create_task(adapter.run(host))
    try:
        await host.until(lambda: host.connection == (True, None))
        yield adapter
    finally:
        task.cancel()
        await asyncio.wait([task])


def action(name: str, *unique_ids: str, **data: Any) -> EntityCall:
    checked = SEND_MESSAGE.validate(data) if name == SEND_MESSAGE.full_name else data
    return EntityCall(action=name, unique_ids=unique_ids, data=checked)


async def test_messages_go_both_ways(server: Prosody, account: Account, host: RecordingHost) -> None:
    async with Human("ada", server) as ada, running(host, account) as adapter:
        ada.say(account["jid"], "hello")
        await host.until(lambda: bool(host.messages))
        (message,) = host.messages
        assert (message.conversation, message.sender, message.text) == (ada.jid, ada.jid, "hello")
        assert await adapter.send_message(Message(conversation=ada.jid, sender="", text="hello, Ada"))
        assert await ada.answer() == "hello, Ada"


async def test_is_a_messenger_and_an_actuator(account: Account) -> None:
    adapter = XmppAdapter(ConfigEntry(entry_id="1", integration="xmpp", title="", data=account))
    assert isinstance(adapter, Messenger)
    assert isinstance(adapter, Actuator)
    with pytest.raises(ConnectionLost):
        await adapter.send_message(Message(conversation="ada@localhost", sender="", text="hello"))
    with pytest.raises(ConnectionLost):
        await adapter.execute(action("xmpp.send_message", to="ada@localhost", message="hello"))


async def test_each_recipient_is_a_notify_entity(server: Prosody, account: Account, host: RecordingHost) -> None:
    async with Human("ada", server) as ada, running(host, account, recipients=[ada.jid]) as adapter:
        ((unique_id, entity),) = host.entities.items()
        assert (entity.domain, entity.name, entity.object_id) == ("notify", ada.jid, "ada")
        await adapter.execute(action("notify.send_message", unique_id, message="It rains", title="Weather"))
        assert await ada.answer() == "Weather\nIt rains"
        assert host.states[unique_id].state is not None
        assert host.availability[None] is True


async def test_an_automation_writes_to_whom_it_likes(server: Prosody, account: Account, host: RecordingHost) -> None:
    async with Human("ada", server) as ada, Human("eve", server) as eve, running(host, account) as adapter:
        await adapter.execute(action("xmpp.send_message", to=[ada.jid, eve.jid], message="It rains"))
        assert await ada.answer() == await eve.answer() == "It rains"
        await adapter.execute(action("xmpp.send_message", to=ada.jid, message="It snows", title="Weather"))
        assert await ada.answer() == "Weather\nIt snows"


@pytest.mark.parametrize("to", ["ada", ["ada@localhost", ""], []])
def test_an_address_that_is_none_is_refused(to: Any) -> None:
    with pytest.raises(InvalidInput, match=r"expected an address such as ada@example\.org"):
        SEND_MESSAGE.validate({"to": to, "message": "hello"})


async def test_a_room_is_a_notify_entity_too(server: Prosody, account: Account, host: RecordingHost) -> None:
    room = f"home@{ROOMS}"
    async with Human("ada", server) as ada:
        await ada.enter(room, "Ada")
        async with running(host, account, rooms=[room]) as adapter:
            while not host.messages:  # until the hub is in the room too
                ada.say_in(room, "anybody there?")
                await asyncio.sleep(0.05)
            ((unique_id, _),) = host.entities.items()
            await adapter.execute(action("notify.send_message", unique_id, message="It rains"))
            assert await ada.answer(f"{room}/Hearth") == "It rains"


async def test_a_contact_request_waits_until_its_sender_is_paired(
    server: Prosody, account: Account, host: RecordingHost
) -> None:
    async with Human("ada", server) as ada:
        async with running(host, account) as adapter:
            ada.add_contact(account["jid"])
            await host.until(lambda: bool(host.messages))
            assert host.messages[0].data == {"contact_request": True}
            stranger = Message(conversation=ada.jid, sender="", text="your code", data={"paired": False})
            await adapter.send_message(stranger)
            assert await ada.answer() == "your code"
            assert ada.presences.empty()
        async with running(host, account) as adapter:
            await adapter.send_message(Message(conversation=ada.jid, sender="", text="", data={"paired": True}))
            assert await ada.presence() == (account["jid"], "subscribed")
            await adapter.send_message(stranger)
            assert await ada.presence() == (account["jid"], "unsubscribed")


async def test_a_configured_contact_is_granted_at_once(server: Prosody, account: Account, host: RecordingHost) -> None:
    async with Human("ada", server) as ada, running(host, account, contacts=["localhost"]):
        ada.add_contact(account["jid"])
        assert await ada.presence() == (account["jid"], "subscribed")
        assert host.messages == []


async def test_the_form_is_tried_before_it_is_taken(server: Prosody, account: Account) -> None:
    probed = await probe({**account, "nickname": ""})
    assert (probed.title, probed.unique_id) == (account["jid"], account["jid"])
    assert probed.data == account
    with pytest.raises(InvalidInput, match="password") as caught:
        await probe({**account, "password": "a guess"})
    assert caught.value.path == ("password",)
    with pytest.raises(ConnectionLost):
        await probe({**account, "port": free_port()})
