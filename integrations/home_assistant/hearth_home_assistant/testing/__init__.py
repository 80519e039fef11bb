"""A real Home Assistant for tests of what speaks to one."""

from hearth_home_assistant.testing.peer import DEMO, INSTALL, HomeAssistant, home_assistant, installed, prepare

__all__ = ["DEMO", "INSTALL", "HomeAssistant", "home_assistant", "installed", "prepare"]
