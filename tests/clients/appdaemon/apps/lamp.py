"""An AppDaemon app: whenever the switch it is told turns on, the light is toggled; it says what it saw by an event."""

from __future__ import annotations

from typing import Any

import appdaemon.plugins.hass.hassapi as hass  # type: ignore[import-not-found] # in AppDaemon's own environment


class Lamp(hass.Hass):  # type: ignore[misc]
    def initialize(self) -> None:
        self.listen_state(self.switched, self.args["switch"], new="on")
        self.listen_event(self.asked, "appdaemon_question")
        self.fire_event("appdaemon_ready", states=len(self.get_state() or {}), light=self.get_state(self.args["light"]))

    def switched(self, entity: str, attribute: str, old: str, new: str, **kwargs: Any) -> None:
        self.call_service("light/toggle", target={"entity_id": self.args["light"]})

    def asked(self, event_name: str, data: dict[str, Any], **kwargs: Any) -> None:
        light = self.args["light"]
        history = self.get_history(entity_id=light, days=1) or []
        self.set_state("sensor.from_appdaemon", state="7", attributes={"unit_of_measurement": "W"})
        self.fire_event(
            "appdaemon_answer",
            template=self.render_template("{{ 6 * 7 }}"),
            history=[row["state"] for rows in history for row in rows][-1:],
            exists=self.entity_exists(light),
            services="turn_on" in str(self.list_services(namespace="default")),
        )
