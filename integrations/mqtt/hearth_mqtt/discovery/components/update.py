"""update: the version that is installed and the newest one, and the command that installs it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    READ_ONLY,
    RETAINED,
    TEMPLATE,
    boolean,
    device_class,
    entity_schema,
    keyed,
    string,
    to_publish,
    to_subscribe,
    whole,
)
from hearth_mqtt.discovery.components.reading import reading
from hearth_mqtt.discovery.components.versions import is_newer
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import ON_OFF, Act, Component, Model, listen
from hub import DOMAINS, InvalidInput, UpdateFeature

_log = logging.getLogger(__name__)

_LONGEST_SUMMARY = 255
_TOLD = ("installed_version", "latest_version", "release_summary", "release_url", "title")


def _url(value: Any) -> str:
    text = string(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise vol.Invalid(f"expected an address that begins with http, got {text[:100]!r}")
    return text


_STATE = vol.Schema(
    keyed(
        {
            "entity_picture": _url,
            "in_progress": boolean,
            "installed_version": string,
            "latest_version": string,
            "release_summary": string,
            "release_url": _url,
            "title": string,
            "update_percentage": vol.Any(None, vol.All(vol.Any(int, float), vol.Range(min=0, max=100))),
        }
    )
)

_SCHEMA = entity_schema(
    READ_ONLY,
    RETAINED,
    {vol.Optional("display_precision", default=0): whole()},
    keyed(
        {
            "command_topic": to_publish,
            "device_class": device_class(DOMAINS["update"].device_classes),
            "latest_version_template": TEMPLATE,
            "latest_version_topic": to_subscribe,
            "payload_install": string,
            "release_summary": string,
            "release_url": string,
            "title": string,
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    features = UpdateFeature.PROGRESS
    features |= UpdateFeature.INSTALL if declaration.has("command_topic") else UpdateFeature(0)
    latest = reading(declaration.reader("latest_version_template"), lambda text: {"latest_version": text}, "a version")
    return Model(
        show=lambda facts: _show(facts, config),
        listens=listen(
            declaration,
            ("state_topic", reading(declaration.reader("value_template"), _parse, "a version or what is known of it")),
            ("latest_version_topic", latest),
        ),
        actions={"install": _install(declaration), "skip": _skip, "clear_skipped": _clear_skipped},
        initial={
            **dict.fromkeys((*_TOLD, "entity_picture", "update_percentage", "skipped_version")),
            **{key: config[key] for key in _TOLD if key in config},
            "in_progress": False,
        },
        features=int(features),
        device_class=config.get("device_class"),
        remembered=("skipped_version",),
    )


def _parse(text: str) -> Facts | None:
    if text == "{}":
        return {}
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"installed_version": text}
    if not isinstance(values, dict):
        return {"installed_version": text}
    try:
        told: dict[str, Any] = _STATE(values)
    except vol.Invalid as error:
        _log.warning("Cannot read what is said of an update: %s", error)
        return None
    if "update_percentage" in told:
        told.setdefault("in_progress", told["update_percentage"] is not None)
    return told


def _show(facts: Facts, config: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    skipped, summary = _skipped(facts), facts["release_summary"]
    shown = {
        "auto_update": False,
        "display_precision": config["display_precision"],
        "installed_version": facts["installed_version"],
        "in_progress": facts["in_progress"],
        "latest_version": facts["latest_version"],
        "release_summary": summary[:_LONGEST_SUMMARY] if summary is not None else None,
        "release_url": facts["release_url"],
        "skipped_version": skipped,
        "title": facts["title"],
        "update_percentage": facts["update_percentage"] if facts["in_progress"] else None,
    }
    picture = facts["entity_picture"]
    return ON_OFF[_is_due(facts)], {**shown, "entity_picture": picture} if picture else shown


def _is_due(facts: Facts) -> bool | None:
    installed, latest = facts["installed_version"], facts["latest_version"]
    if installed is None or latest is None:
        return None
    return latest != _skipped(facts) and is_newer(latest, installed)


def _skipped(facts: Facts) -> str | None:
    """Return the version passed over, as long as it is the newest one."""
    skipped: str | None = facts["skipped_version"]
    return skipped if skipped == facts["latest_version"] != facts["installed_version"] else None


def _install(declaration: Declaration) -> Act:
    def act(_: Mapping[str, Any], __: Facts) -> Effect:
        if "payload_install" not in declaration.config:
            raise InvalidInput("Expected an update that says how it is installed, got one without payload_install")
        return declaration.publish("command_topic", declaration.config["payload_install"])

    return act


def _skip(_: Mapping[str, Any], facts: Facts) -> Effect:
    if not _is_due(facts):
        raise InvalidInput("Expected a newer version to pass over, got an update that has none")
    return Effect((), {"skipped_version": facts["latest_version"]})


def _clear_skipped(_: Mapping[str, Any], __: Facts) -> Effect:
    return Effect((), {"skipped_version": None})


UPDATE = Component(
    domain="update",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Update",
)
