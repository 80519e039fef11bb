"""The variables of a session: what they hold now, what changes, and what is written and read back."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asyncua import ua
from asyncua.common.subscription import DataChangeEvent, StatusChangeEvent
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hearth_opcua.codec import Value, same
from hearth_opcua.items import Item, Type
from hearth_opcua.session import Session, speaking, status_in_words
from hub import Clock, ConnectionLost, DeviceRefused

_AT_ONCE = 100  # nodes in one request
_QUEUE = 4  # changes of each variable that may wait to be reported; the oldest are dropped
_LOOKS, _BETWEEN = 3, 0.25  # some servers show what was written a moment later
_log = logging.getLogger(__name__)

OnValue = Callable[[Item, Value | None, str | None], None]
"""Called with what an item holds, or None and why that is not known."""


class Variables:
    """Follows and writes the variables of these items."""

    def __init__(self, session: Session, items: Sequence[Item], address: str) -> None:
        self._session = session
        self._items = [item for item in items if item.type is not Type.METHOD]
        self._address = address

    async def follow(self, interval: float, tell: OnValue) -> None:
        """Subscribe, and call ``tell`` for each value and each change, until cancelled.

        Raises ConnectionLost.
        """
        by_node = {self._session.node(item.node).nodeid: item for item in self._items}
        size = max(1000, _QUEUE * len(by_node))
        async with speaking(self._address):
            subscription = await self._session.client.create_subscription(interval * 1000, queue_maxsize=size)
            await self._watch(subscription, interval, tell)
        async for event in subscription:
            if isinstance(event, DataChangeEvent):
                tell(by_node[event.node.nodeid], *value_of(event.data.monitored_item.Value))
            elif isinstance(event, StatusChangeEvent):
                raise ConnectionLost(f"{self._address} ended the subscription")

    async def look(self, tell: OnValue) -> None:
        """Call ``tell`` for what each holds now. Raises ConnectionLost."""
        for start in range(0, len(self._items), _AT_ONCE):
            part = self._items[start : start + _AT_ONCE]
            nodes = [self._session.node(item.node).nodeid for item in part]
            async with speaking(self._address):
                values = await self._session.client.uaclient.read_attributes(nodes, AttributeIds.Value)
            for item, value in zip(part, values, strict=True):
                tell(item, *value_of(value))

    async def read(self, item: Item) -> tuple[Value | None, str | None]:
        """Return what an item holds, or None and why that is not known."""
        async with speaking(self._address, acting=True):
            return value_of(await self._session.node(item.node).read_data_value(raise_on_bad_status=False))

    async def write(self, item: Item, value: Value, tell: OnValue, clock: Clock) -> None:
        """Write a value and see that it is there.

        Raises DeviceRefused, ActionTimeout or ConnectionLost.
        """
        async with speaking(self._address, acting=True):
            content: Any = ua.LocalizedText(str(value)) if item.type is Type.LOCALIZED_TEXT else value
            variant = ua.Variant(content, ua.VariantType[item.type.value])
            await self._session.node(item.node).write_attribute(AttributeIds.Value, ua.DataValue(variant))
        held, problem = await self._look(item, tell)
        for _ in range(_LOOKS):
            if problem is None and same(item, held, value):
                return
            await clock.sleep(_BETWEEN)
            held, problem = await self._look(item, tell)
        raise DeviceRefused(f"{item.name} was set to {value}, and the server still says {problem or held}")

    async def call(self, item: Item) -> None:
        """Call a method. Raises DeviceRefused, ActionTimeout or ConnectionLost."""
        async with speaking(self._address, acting=True):
            await self._session.node(item.parent or "i=85").call_method(self._session.node(item.node).nodeid)

    async def _look(self, item: Item, tell: OnValue) -> tuple[Value | None, str | None]:
        held, problem = await self.read(item)
        tell(item, held, problem)
        return held, problem

    async def _watch(self, subscription: Any, interval: float, tell: OnValue) -> None:
        for start in range(0, len(self._items), _AT_ONCE):
            part = self._items[start : start + _AT_ONCE]
            nodes = [self._session.node(item.node) for item in part]
            handles = await subscription.subscribe_data_change(nodes, sampling_interval=interval * 1000)
            for item, handle in zip(part, handles, strict=True):
                if isinstance(handle, ua.StatusCode):
                    tell(item, None, status_in_words(handle.value))


def value_of(data: Any) -> tuple[Value | None, str | None]:
    """Return a data value as plain Python, or None and why it is not known."""
    if data is None:
        return None, None
    status = data.StatusCode
    if status is not None and status.is_bad():
        return None, status_in_words(status.value)
    return plain(data.Value.Value if data.Value is not None else None), None


def plain(value: Any) -> Value | None:
    """Return a value of the library's as one of Python's own."""
    if isinstance(value, ua.LocalizedText):
        return value.Text or ""
    if isinstance(value, (bool, float, str, dt.datetime)):
        return value
    return int(value) if isinstance(value, int) else None


async def build_info(session: Session) -> Mapping[str, str]:
    """Return what the server says of its make; nothing if it does not."""
    names = ("ProductName", "ManufacturerName", "SoftwareVersion")
    ids = [getattr(ObjectIds, f"Server_ServerStatus_BuildInfo_{name}") for name in names]
    nodes = [ua.NodeId(ua.Int32(each), ua.Int16(0)) for each in ids]
    values = await session.client.uaclient.read_attributes(nodes, AttributeIds.Value)
    return {name: str(value.Value.Value or "") for name, value in zip(names, values, strict=True) if value.Value}
