"""The WebSocket API: Home Assistant's messages, and our own prefixed ``hearth/``."""
