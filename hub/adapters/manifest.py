"""The manifest: what is known of an integration without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import voluptuous as vol

from hub.errors import ManifestError

_MATCHER = vol.Schema({vol.Required("type"): str, "name": str, "properties": {str: str}})
_FIELD_WORDS = {"label": str, "description": str, "options": {str: str}}
_SCHEMA = vol.Schema(
    {
        vol.Required("domain"): vol.Match(r"^[a-z][a-z0-9_]*$"),
        vol.Required("name"): str,
        vol.Required("version"): str,
        vol.Required("api"): vol.All([int], vol.Length(min=2, max=2)),
        vol.Optional("description", default=""): str,
        vol.Optional("documentation", default=""): str,
        vol.Optional("iot_class", default="local_push"): vol.In(
            ["local_push", "local_polling", "cloud_push", "cloud_polling", "calculated", "assumed_state"]
        ),
        vol.Optional("integration_type", default="hub"): vol.In(["hub", "device", "service", "virtual"]),
        vol.Optional("zeroconf", default=[]): [_MATCHER],
        vol.Optional("config_flow", default=False): bool,
        vol.Optional("single_entry", default=False): bool,
        vol.Optional("isolated", default=False): bool,
        vol.Optional("default_entry", default=None): vol.Any(dict, None),
        vol.Optional("protocols", default=[]): [str],
        vol.Optional("triggers", default=[]): [str],
        vol.Optional("capabilities", default=[]): [str],
        vol.Optional("translations", default=dict): {
            str: {"name": str, "description": str, "form": {str: _FIELD_WORDS}}
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMatcher:
    """Which zeroconf services an integration knows: type, and globs on the lower-case name and TXT properties."""

    type: str
    name: str = "*"
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``manifest.json`` in the integration's package; keys as in Home Assistant where they mean the same.

    ``api`` is the range of the hub's API versions that it works with, both ends included. ``default_entry`` is the data of
    an entry that exists without configuration, or None. ``config_flow`` says that it can be added in a dialog: that is known
    before its code is loaded. ``isolated`` runs its adapters in a process of their own unless the
    configuration says otherwise. ``triggers`` names the triggers that its adapters offer (see
    ``Listener``). ``translations`` gives name and description in other languages (``zh-Hans``), and under ``form`` label,
    description and the labels of the options of the fields of its dialog.
    """

    domain: str
    name: str
    version: str
    api: tuple[int, int]
    description: str = ""
    documentation: str = ""
    iot_class: str = "local_push"
    integration_type: str = "hub"
    zeroconf: tuple[ServiceMatcher, ...] = ()
    config_flow: bool = False
    single_entry: bool = False
    isolated: bool = False
    default_entry: Mapping[str, Any] | None = None
    protocols: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @staticmethod
    def parse(text: str | bytes, where: str = "manifest.json") -> Manifest:
        """Return the manifest written as JSON.

        Raises ManifestError naming the key, what was expected and what came.
        """
        try:
            data: dict[str, Any] = _SCHEMA(orjson.loads(text))
        except orjson.JSONDecodeError as error:
            raise ManifestError(f"Expected JSON in {where}: {error}") from None
        except vol.Invalid as error:
            raise ManifestError(f"{error} in {where}") from None
        data["zeroconf"] = tuple(ServiceMatcher(**matcher) for matcher in data["zeroconf"])
        lists = {key: tuple(data[key]) for key in ("api", "protocols", "triggers", "capabilities")}
        return Manifest(**{**data, **lists})
