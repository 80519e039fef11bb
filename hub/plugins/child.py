"""``python -m hub.plugins.child``: the process of an isolated integration, started by the hub."""

from __future__ import annotations

from importlib.metadata import EntryPoint

from hub.adapters.interfaces import Integration
from hub.adapters.isolation.child import serve
from hub.errors import HubError
from hub.plugins.manager import GROUP, Plugins


def load(name: str, module: str) -> Integration:
    """Import an integration and return what it registers.

    Raises HubError with the reason if it cannot be loaded.
    """
    plugins = Plugins([EntryPoint(name=name, value=module, group=GROUP)])
    integration = plugins.load(name)
    if integration is None:
        raise HubError(plugins.get(name).reason or f"{module} could not be loaded")
    return integration


if __name__ == "__main__":
    serve(load)
