"""``hearth model``: the models of a hub."""

from hub.cli.model.command import add_parser

__all__ = ["add_parser"]
