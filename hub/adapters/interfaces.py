"""The interfaces between the hub and an integration's protocol objects. Start here to write an integration.

An integration is described by a manifest, makes an ``Adapter`` for each config entry, and talks to the hub only through
the ``AdapterHost`` it is given. Only plain values cross it (``serve`` and ``listen`` apart), so the same integration runs
in the hub's process or in one of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import voluptuous as vol

from hub.adapters.manifest import Manifest
from hub.core.actions import ActionDescription
from hub.core.bus import Unlisten
from hub.core.clock import Clock
from hub.core.fields import Field
from hub.core.ports import Principal, ProtocolFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDescription:
    """A room as its integration knows it. One that is here already, by name, stays as the user left it.

    ``floor`` is the name of the storey it is on, ``level`` how high that is. With ``formerly``, the name that it had, none is
    made: what bears that name here is renamed.
    """

    name: str
    floor: str | None = None
    level: int | None = None
    icon: str | None = None
    formerly: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDescription:
    """A device as its integration knows it. ``identifiers`` are unique within the integration.

    ``connections`` are (kind, address) pairs such as ("mac", "aa:bb:.."), ``via`` the identifier of the device in between,
    ``area`` the name of the area it suggests.
    """

    identifiers: tuple[str, ...] = ()
    connections: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    serial_number: str | None = None
    configuration_url: str | None = None
    via: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityDescription:
    """An entity as its integration knows it: data, no behaviour.

    ``unique_id`` is unique within the integration. ``attributes`` are the static ones (``options``, ``min``,
    ``supported_color_modes``, ``state_class``), ``features`` the domain's feature bits. ``name`` None means the device's
    name; with ``has_entity_name`` the device's name is put before it. ``object_id`` suggests the entity id. ``available``
    says whether it can be reached at first, ``assumed_state`` that its state is what it was told, not what it reports;
    ``picture`` is the address of one. ``area`` is the name of the area it suggests for itself, apart from its device's.
    """

    domain: str
    unique_id: str
    name: str | None = None
    has_entity_name: bool = True
    device: DeviceDescription | None = None
    device_class: str | None = None
    unit: str | None = None
    features: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    icon: str | None = None
    entity_category: str | None = None
    enabled_by_default: bool = True
    object_id: str | None = None
    translation_key: str | None = None
    available: bool = True
    assumed_state: bool = False
    picture: str | None = None
    area: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What a device says of one entity. ``state`` None is unknown; ``attributes`` None leaves the last ones.

    Immutable by convention: one is made for every message, and freezing it would cost as much as making it.
    """

    unique_id: str
    state: str | None = None
    attributes: Mapping[str, Any] | None = None
    force: bool = False


@dataclass(slots=True, kw_only=True)
class EntityCall:
    """An action to carry out, validated and resolved: ``light.turn_on`` on these of the adapter's own entities.

    ``unique_ids`` is empty for an action of the integration itself (``mqtt.publish``). Immutable by convention.
    """

    action: str
    unique_ids: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A chat message or another piece of text from or to somebody; ``conversation`` groups them."""

    conversation: str
    sender: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A still picture of a camera or image entity: the file's bytes and what they are (``image/jpeg``)."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredDevice:
    """Something found on the network that a user may add. ``unique_id`` tells a second sight of the same thing.

    ``data`` is what the config flow begins with; ``source`` is how it was found (``zeroconf``, ``mqtt``).
    """

    integration: str
    unique_id: str
    title: str
    source: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One configured use of an integration: an account, a device, a broker. ``source`` is user, zeroconf, yaml, ...

    ``isolated`` says whether its adapter runs in a process of its own, or with which limits; None is as the manifest says.
    """

    entry_id: str
    integration: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    unique_id: str | None = None
    source: str = "user"
    isolated: bool | Mapping[str, Any] | None = None
    disabled_by: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0


class Storage(Protocol):
    """A config entry's own small documents, kept over restarts."""

    def load(self, name: str) -> Any:
        """Return what was saved under ``name``, or None."""

    def save(self, name: str, data: Callable[[], Any]) -> None:
        """Write ``data()`` (JSON values) soon, atomically."""


class AdapterHost(Protocol):
    """What the hub offers an adapter. Everything here is called on the loop's thread."""

    @property
    def clock(self) -> Clock:
        """Time: use it instead of ``time`` and ``asyncio.sleep``."""

    @property
    def storage(self) -> Storage:
        """The entry's own documents."""

    def add(self, item: AreaDescription | DeviceDescription | EntityDescription) -> None:
        """Announce an area, a device or an entity, or bring its description up to date."""

    def remove(self, unique_id: str) -> None:
        """Take back an entity: it is forgotten, and so is its device once that has none left."""

    def report(self, report: Report) -> None:
        """Say what a device reports. Unknown unique ids are dropped, with a line in the log."""

    def available(self, available: bool, unique_id: str | None = None) -> None:
        """Say whether an entity, or everything of this adapter, can be reached."""

    def connected(self, connected: bool, reason: str | None = None) -> None:
        """Say whether the adapter has its connection; shown as its health."""

    def fire(self, event_type: str, data: Mapping[str, Any], device: str | None = None) -> None:
        """Publish an event. ``device`` is an identifier of the device it comes from: the data gets its ``device_id``."""

    def message(self, message: Message) -> None:
        """Hand over a message from somebody."""

    def discovered(self, device: DiscoveredDevice) -> None:
        """Say that something was found that a user may add."""

    def withdrawn(self, unique_id: str) -> None:
        """Say that what was found has gone."""

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        """Take the connections on the hub's port that speak ``protocol``."""

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        """Return the hub user with this name and secret, or None."""

    def on_revoked(self, principal: Principal, callback: Callable[[], None]) -> Unlisten:
        """Call ``callback`` when what they proved themselves with is revoked or expires: what they hold open must end."""

    def audit(self, kind: str, subject: str, **detail: Any) -> None:
        """Note the metadata of a protocol interaction in the audit log."""

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run a task that lives no longer than the adapter's run; its failure ends the run."""

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        """Return the text of a Jinja template rendered in the limited environment (no states); raises TemplateError."""


class Adapter(Protocol):
    """A protocol object for one config entry."""

    async def run(self, host: AdapterHost) -> None:
        """Connect, and report until cancelled.

        Raise ConnectionLost when the connection breaks: the supervisor runs it again after a jittered wait. Any other
        exception is a defect: it is logged and shown, and the adapter is run again too, more slowly.
        """


@runtime_checkable
class Actuator(Protocol):
    """An adapter that can act."""

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out an action and return when the device has taken it.

        The mapping is the response data, if any; what belongs to one of the call's entities is under its unique id.
        Raises DeviceRefused, ConnectionLost or ActionTimeout.
        """


@runtime_checkable
class Listener(Protocol):
    """An adapter that offers a trigger of its own (``mqtt``)."""

    def listen(self, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        """Call ``fire(trigger variables)`` whenever what ``spec`` describes happens, until the returned function is called.

        Raises InvalidInput if ``spec`` is not what was expected.
        """


@runtime_checkable
class Messenger(Protocol):
    """An adapter through which the hub can write to somebody: a chat channel."""

    async def send_message(self, message: Message) -> bool:
        """Send a message to its ``conversation``; say whether the channel took it."""


@runtime_checkable
class MessageAdapter(Messenger, Protocol):
    """A channel that does no more than pass messages; ``hub.adapters.messages`` makes an Adapter of it."""

    async def receive_message(self) -> Message | None:
        """Return the next message, or None when the channel has ended; raises ConnectionLost."""


@runtime_checkable
class PictureSource(Protocol):
    """An adapter whose entities have still pictures (domains ``camera`` and ``image``)."""

    async def picture(self, unique_id: str) -> Picture | None:
        """Return the entity's newest picture, or None while there is none; raises ConnectionLost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a config flow learned by trying the data: the entry to be."""

    title: str
    unique_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundService:
    """A zeroconf service: ``type`` ``_http._tcp.local.``, full ``name``, addresses, port and TXT properties."""

    type: str
    name: str
    host: str
    addresses: tuple[str, ...]
    port: int
    properties: Mapping[str, str] = field(default_factory=dict)


Probe = Callable[[Mapping[str, Any]], Awaitable[Probed]]
FromService = Callable[[FoundService], DiscoveredDevice | Awaitable[DiscoveredDevice | None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """An installable package's offer to the hub.

    ``make`` builds the adapter of one entry. ``config_schema`` checks an entry's data. With ``form`` and ``probe`` the
    integration can be added in the dashboard: the form's values go to ``probe``, which tries them and returns the entry
    (raise InvalidInput with a ``path`` to put the message at a field, ConnectionLost if the device cannot be reached).
    ``from_service`` turns a matched zeroconf service into something a user may add. ``actions`` are the integration's own
    (``mqtt.publish``).
    """

    manifest: Manifest
    make: Callable[[ConfigEntry], Adapter]
    config_schema: vol.Schema = field(default_factory=lambda: vol.Schema(dict))
    form: tuple[Field, ...] = ()
    probe: Probe | None = None
    from_service: FromService | None = None
    actions: tuple[ActionDescription, ...] = ()
