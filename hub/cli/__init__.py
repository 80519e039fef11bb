"""The command ``hearth``: one module per command."""

from hub.cli.main import main

__all__ = ["main"]
