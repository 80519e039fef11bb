"""image: a topic with pictures, or with their addresses; its state is when the last one came."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import TEMPLATE, entity_schema, keyed, string, to_subscribe
from hearth_mqtt.discovery.components.picture_bytes import picture_decoder
from hearth_mqtt.discovery.components.reading import reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Decode, Model, listen


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if "image_topic" not in config and "url_topic" not in config:
        raise vol.Invalid("expected image_topic or url_topic")
    if "content_type" in config and "url_topic" in config:
        raise vol.Invalid("expected content_type together with image_topic only")
    return config


_SCHEMA = entity_schema(
    {
        vol.Exclusive("image_topic", "picture"): to_subscribe,
        vol.Exclusive("url_topic", "picture"): to_subscribe,
    },
    keyed({"content_type": string, "image_encoding": vol.In(["b64", "raw"]), "url_template": TEMPLATE}),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    decode = picture_decoder(base64=config.get("image_encoding") == "b64", content_type=config.get("content_type"))
    return Model(
        show=lambda facts: (_moment(facts["time"]), {}),
        listens=listen(declaration, ("image_topic", decode), ("url_topic", _url_decoder(declaration))),
        initial={"picture": None, "url": None, "time": None},
        picture=lambda facts: facts["picture"] or facts["url"],
    )


def _url_decoder(declaration: Declaration) -> Decode:
    read = reading(declaration.reader("url_template"), _parse_url, "the address of a picture")

    def decode(incoming: Incoming, facts: Facts) -> Facts | None:
        changes = read(incoming, facts)
        return {**changes, "time": incoming.time} if changes else None

    return decode


def _parse_url(text: str) -> Facts | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return {"url": text} if parts.scheme in ("http", "https") and parts.hostname else None


def _moment(time: float | None) -> str | None:
    return None if time is None else dt.datetime.fromtimestamp(time, dt.UTC).isoformat()


IMAGE = Component(domain="image", schema=_SCHEMA, build=_build, default_name="MQTT Image")
