"""The server: WebSocket API, REST, login and the dashboard, over aiohttp."""

from hub.server.authentication import AuthRoutes
from hub.server.control import ControlAnswers, serving_control
from hub.server.dashboard import DashboardRoutes
from hub.server.info import HubConfig
from hub.server.management import AutomationRoutes, FlowRoutes
from hub.server.rest import HistoryRoutes, RestRoutes
from hub.server.web import Application, build, handling
from hub.server.websocket.automations import AutomationCommands
from hub.server.websocket.chat import ChatCommands
from hub.server.websocket.config import ConfigCommands
from hub.server.websocket.extensions import ExtensionCommands
from hub.server.websocket.history import HistoryCommands
from hub.server.websocket.registries import RegistryCommands
from hub.server.websocket.states import StateCommands

__all__ = [
    "Application",
    "AuthRoutes",
    "AutomationCommands",
    "AutomationRoutes",
    "ChatCommands",
    "ConfigCommands",
    "ControlAnswers",
    "DashboardRoutes",
    "ExtensionCommands",
    "FlowRoutes",
    "HistoryCommands",
    "HistoryRoutes",
    "HubConfig",
    "RegistryCommands",
    "RestRoutes",
    "StateCommands",
    "build",
    "handling",
    "serving_control",
]
