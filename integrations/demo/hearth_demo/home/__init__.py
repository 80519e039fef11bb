"""The demo home's MQTT devices."""
