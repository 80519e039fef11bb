"""The hub, put together from all its parts."""

from hub.app.hub import Hub

__all__ = ["Hub"]
