"""The hub's end of a child's ``AdapterHost``: what the adapter says there is done here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from hub.adapters.interfaces import (
    AdapterHost,
    AreaDescription,
    DeviceDescription,
    DiscoveredDevice,
    EntityDescription,
    Message,
    Report,
)
from hub.adapters.isolation import failures
from hub.adapters.isolation.doors import Doors
from hub.adapters.isolation.frames import Frame
from hub.adapters.isolation.link import Link
from hub.adapters.isolation.values import remade
from hub.core.bus import Unlisten
from hub.core.ports import Principal
from hub.errors import HubError, Refused

_MOST_AUTHENTICATIONS = 64
_MOST_SESSIONS = 10_000
_log = logging.getLogger(__name__)
Values = Mapping[str, Any]


class Hosting:
    """Does for one run of an adapter what it asks of its host."""

    def __init__(self, host: AdapterHost, link: Link) -> None:
        self._host = host
        self._link = link
        self._doors = Doors(link)
        self._authenticating = 0
        self._sessions: dict[int, Unlisten] = {}
        self._said: Mapping[str, Callable[[Values], None]] = {
            "report": lambda said: host.report(Report(**said)),
            "add_area": lambda said: host.add(remade(AreaDescription, said)),
            "add_entity": lambda said: host.add(remade(EntityDescription, said)),
            "add_device": lambda said: host.add(remade(DeviceDescription, said)),
            "remove": lambda said: host.remove(said["unique_id"]),
            "available": lambda said: host.available(said["available"], said["unique_id"]),
            "connected": lambda said: host.connected(said["connected"], said["reason"]),
            "fire": lambda said: host.fire(said["event_type"], said["data"], said["device"]),
            "message": lambda said: host.message(remade(Message, said)),
            "discovered": lambda said: host.discovered(remade(DiscoveredDevice, said)),
            "withdrawn": lambda said: host.withdrawn(said["unique_id"]),
            "save": self._save,
        }
        self._asked: Mapping[str, Callable[[Values], Values | None]] = {
            "load": lambda said: {"value": host.storage.load(said["name"])},
            "audit": lambda said: host.audit(said["kind"], said["subject"], **said["detail"]),
            "serve": lambda said: self._doors.open(said["protocol"], host.serve),
        }

    def hear(self, frame: Frame) -> Values | None:
        """Do what a frame says, and return the answer of one that waits for it.

        Raises HubError as the host does; KeyError and TypeError for what an adapter cannot have said.
        """
        if frame.kind in self._said:
            self._said[frame.kind](frame.values)
        elif frame.kind in self._asked:
            return self._asked[frame.kind](frame.values)
        else:
            self._hear_numbered(frame)
        return None

    def close(self) -> None:
        """Take back what was served and followed."""
        self._doors.close()
        for unlisten in self._sessions.values():
            unlisten()
        self._sessions.clear()

    def _hear_numbered(self, frame: Frame) -> None:
        match frame.kind:
            case "authenticate":
                self._authenticate(frame.number, frame.values["name"], frame.values["secret"])
            case "follow":
                self._follow(frame.number, remade(Principal, frame.values))
            case "unfollow":
                if (unlisten := self._sessions.pop(frame.number, None)) is not None:
                    unlisten()
            case "unserve":
                self._doors.shut(frame.values["protocol"])
            case _:
                raise KeyError(frame.kind)

    def _save(self, said: Values) -> None:
        value = said["value"]
        self._host.storage.save(said["name"], lambda: value)

    def _authenticate(self, number: int, name: str, secret: str) -> None:
        if self._authenticating >= _MOST_AUTHENTICATIONS:
            refusal = Refused(f"Expected at most {_MOST_AUTHENTICATIONS} at a time who prove who they are")
            self._link.tell("unauthenticated", failures.written(refusal), number=number)
            return
        self._authenticating += 1
        self._host.task(self._check(number, name, secret), "authenticate")

    async def _check(self, number: int, name: str, secret: str) -> None:
        try:
            principal = await self._host.authenticate(name, secret)
            self._link.tell("authenticated", {"principal": principal}, number=number)
        except HubError as error:
            self._link.tell("unauthenticated", failures.written(error), number=number)
        finally:
            self._authenticating -= 1

    def _follow(self, number: int, principal: Principal) -> None:
        if len(self._sessions) >= _MOST_SESSIONS:
            _log.warning("An isolated adapter follows more than %d sessions: one is ended", _MOST_SESSIONS)
            self._link.tell("revoked", number=number)
            return

        def revoked() -> None:
            self._sessions.pop(number, None)
            self._link.tell("revoked", number=number)

        self._sessions[number] = self._host.on_revoked(principal, revoked)
