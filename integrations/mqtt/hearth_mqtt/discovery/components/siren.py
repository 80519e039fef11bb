"""siren: on or off, with a tone, a volume and a duration."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.command_template import Payload, Writer
from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, boolean, entity_schema, keyed, string
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import ON_OFF, Component, Decode, Model, listen, toggling
from hub import InvalidInput, SirenFeature

_log = logging.getLogger(__name__)

_NOTHING = frozenset({"", "{}"})
_FEATURES = {
    "duration": SirenFeature.DURATION,
    "tone": SirenFeature.TONES,
    "volume_level": SirenFeature.VOLUME_SET,
}
_PARAMETERS = vol.Schema(
    {
        "duration": vol.All(vol.Coerce(float), vol.Range(min=0), vol.Coerce(int)),
        "tone": vol.Any(vol.Coerce(int), string),
        "volume_level": vol.All(vol.Coerce(float), vol.Range(min=0, max=1)),
    }
)

_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("support_duration", default=True): boolean,
        vol.Optional("support_volume_set", default=True): boolean,
    },
    keyed(
        {
            "available_tones": vol.Any(dict, list, vol.All(string, lambda tone: [tone])),
            "command_off_template": TEMPLATE,
            "command_template": TEMPLATE,
            "state_off": string,
            "state_on": string,
            "state_value_template": TEMPLATE,
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    siren = _Siren(declaration)
    return Model(
        show=lambda facts: (ON_OFF[facts["on"]], {key: facts[key] for key in siren.parameters}),
        listens=listen(declaration, ("state_topic", siren.decoder())),
        actions={
            "turn_on": siren.turn_on,
            "turn_off": siren.turn_off,
            "toggle": toggling(siren.turn_on, siren.turn_off, lambda facts: bool(facts["on"])),
        },
        initial={"on": False if siren.optimistic else None, **dict.fromkeys(_FEATURES)},
        features=int(siren.features),
        capabilities={"available_tones": siren.tones} if siren.tones else {},
        assumed_state=siren.optimistic,
    )


class _Siren:
    """A siren's declaration, with what its decoder and actions share."""

    def __init__(self, declaration: Declaration) -> None:
        config = self._config = declaration.config
        self._declaration = declaration
        self.optimistic = declaration.optimistic()
        self.tones = config.get("available_tones")
        offered = {
            "duration": config["support_duration"],
            "tone": bool(self.tones),
            "volume_level": config["support_volume_set"],
        }
        self.parameters = [name for name in _FEATURES if offered[name]]
        self.features = SirenFeature.TURN_ON | SirenFeature.TURN_OFF
        for name in self.parameters:
            self.features |= _FEATURES[name]

    def decoder(self) -> Decode:
        config, read = self._config, self._declaration.reader("state_value_template")
        on = config.get("state_on") or config["payload_on"]
        off = config.get("state_off") or config["payload_off"]
        meanings = {"None": None, off: False, on: True}

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            if text is None or text in _NOTHING:
                return None
            values = {"state": text} if text in meanings else _object(text)
            if values is None:
                _log.warning(
                    "Expected %s or a JSON object on %s, got %r", " or ".join(meanings), incoming.topic, text[:80]
                )
                return None
            state = values.pop("state", None)
            return {**({"on": meanings[state]} if state in meanings else {}), **self._parsed(values, incoming.topic)}

        return decode

    def turn_on(self, data: Mapping[str, Any], _: Facts) -> Effect:
        chosen = self._chosen({name: data[name] for name in _FEATURES if name in data})
        payload = self._payload(self._config["payload_on"], chosen, "command_template")
        return self._send(payload, {"on": True, **chosen})

    def turn_off(self, _: Mapping[str, Any], __: Facts) -> Effect:
        template = "command_off_template" if self._declaration.has("command_off_template") else "command_template"
        return self._send(self._payload(self._config["payload_off"], {}, template), {"on": False})

    def _parsed(self, values: Mapping[str, Any], topic: str) -> dict[str, Any]:
        try:
            return self._chosen(_PARAMETERS(values))
        except (vol.Invalid, InvalidInput) as error:
            _log.warning("Cannot read what a siren says of itself on %s: %s", topic, error)
            return {}

    def _chosen(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the parameters that it has, a tone by the number or name that it knows it by."""
        chosen = {name: values[name] for name in self.parameters if name in values}
        if "tone" in chosen:
            chosen["tone"] = self._tone(chosen["tone"])
        return chosen

    def _tone(self, tone: Any) -> Any:
        known = self.tones if isinstance(self.tones, dict) else {each: each for each in self.tones or ()}
        found = [key for key, name in known.items() if tone in (key, name) or str(tone) == str(key)]
        if not found:
            raise InvalidInput(
                f"Expected a tone of {', '.join(map(str, known.values()))}, got {tone!r}", path=("tone",)
            )
        return found[0]

    def _payload(self, state: str, parameters: Mapping[str, Any], template: str) -> Payload:
        if self._declaration.has(template):
            write: Writer = self._declaration.writer(template)
            return write(state, state=state, **parameters)
        return orjson.dumps({"state": state, **parameters}).decode()

    def _send(self, payload: Payload, assumed: Mapping[str, Any]) -> Effect:
        known = assumed if self.optimistic else {}
        if payload in ("", "None", b""):  # the template says that there is nothing to send
            return Effect((), known)
        return self._declaration.publish("command_topic", payload, known)


def _object(text: str) -> dict[str, Any] | None:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return values if isinstance(values, dict) else None


SIREN = Component(
    domain="siren",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Siren",
    own_attributes=frozenset({"available_tones", "duration", "tone", "volume_level"}),
)
