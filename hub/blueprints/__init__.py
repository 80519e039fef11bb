"""Automations and blueprints: triggers, conditions and steps in Home Assistant's form, and runs that leave a record."""

from hub.blueprints.automations import AutomationRecord, Automations
from hub.blueprints.checking import check_folder
from hub.blueprints.gallery import Blueprints
from hub.blueprints.ports import Agent, Triggers

__all__ = ["Agent", "AutomationRecord", "Automations", "Blueprints", "Triggers", "check_folder"]
