"""camera: a topic with pictures."""

from __future__ import annotations

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import entity_schema, keyed, to_subscribe
from hearth_mqtt.discovery.components.picture_bytes import picture_decoder
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model

_SCHEMA = entity_schema({vol.Required("topic"): to_subscribe}, keyed({"image_encoding": vol.In(["b64"])}))


def _build(declaration: Declaration) -> Model:
    decode = picture_decoder(base64=declaration.has("image_encoding"))
    return Model(
        show=lambda _: ("idle", {}),
        listens=((declaration.config["topic"], decode),),
        initial={"picture": None},
        picture=lambda facts: facts["picture"],
    )


CAMERA = Component(
    domain="camera",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Camera",
    own_attributes=frozenset({"access_token", "brand", "model_name", "motion_detection"}),
)
