"""A simulated home: MQTT devices and a speaker, in processes of their own, and the speaker's integration.

The devices know nothing of the hub's code: they speak MQTT, HTTP and zeroconf, as any device would.
"""
