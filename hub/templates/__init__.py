"""Jinja templates with Home Assistant's functions, in a sandbox with limits."""

from hub.templates.results import as_boolean
from hub.templates.templates import RenderInfo, Templates, has_template, is_template

__all__ = ["RenderInfo", "Templates", "as_boolean", "has_template", "is_template"]
