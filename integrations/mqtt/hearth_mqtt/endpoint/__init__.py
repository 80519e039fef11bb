"""The hub's own MQTT server."""

from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.sensors import report_counters
from hearth_mqtt.endpoint.server import Endpoint

__all__ = ["Counters", "Endpoint", "Limits", "report_counters"]
