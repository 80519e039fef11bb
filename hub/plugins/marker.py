"""The marker that a package puts on its hook implementations."""

import pluggy

from hub.plugins.hookspecs import PROJECT

hook = pluggy.HookimplMarker(PROJECT)
