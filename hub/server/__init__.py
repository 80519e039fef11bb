"""The server: WebSocket API, REST, login and the dashboard, over aiohttp."""

from hub.server.authentication import AuthRoutes
from hub.server.authorize import AuthorizeRoutes
from hub.server.certificates import CertificateAnswers, CertificateRoutes
from hub.server.channels import ChannelAnswers
from hub.server.control import Answer, ControlAnswers, serving_control
from hub.server.dashboard import DashboardRoutes
from hub.server.info import HubConfig
from hub.server.insecure import insecure_application
from hub.server.log import RecentLog
from hub.server.logbook import Logbook
from hub.server.models import ModelAnswers
from hub.server.related import Related
from hub.server.rest.core import CoreRoutes
from hub.server.rest.history import HistoryRoutes
from hub.server.rest.management import AutomationRoutes, FlowRoutes
from hub.server.rest.openai.routes import OpenAIRoutes
from hub.server.rest.pictures import PictureRoutes
from hub.server.rest.services import ServiceRoutes
from hub.server.rest.states import StateRoutes
from hub.server.route import RouteGroup
from hub.server.signed_paths import SignedPaths
from hub.server.users import UserAnswers
from hub.server.web import Application, CommandGroup, build, handling
from hub.server.websocket.automations import AutomationCommands
from hub.server.websocket.categories import CategoryCommands
from hub.server.websocket.channels import ChannelCommands
from hub.server.websocket.chat import ChatCommands
from hub.server.websocket.config import ConfigCommands
from hub.server.websocket.credentials import CredentialCommands
from hub.server.websocket.entries import EntryCommands
from hub.server.websocket.extensions import ExtensionCommands
from hub.server.websocket.helpers import HelperCommands
from hub.server.websocket.history import HistoryCommands
from hub.server.websocket.home import HomeCommands
from hub.server.websocket.logbook import LogbookCommands
from hub.server.websocket.models import ModelCommands
from hub.server.websocket.notifications import NotificationCommands
from hub.server.websocket.registries import RegistryCommands
from hub.server.websocket.search import SearchCommands
from hub.server.websocket.states import StateCommands
from hub.server.websocket.todo import TodoCommands
from hub.server.websocket.triggers import TriggerCommands
from hub.server.websocket.users import UserCommands

__all__ = [
    "Answer",
    "Application",
    "AuthRoutes",
    "AuthorizeRoutes",
    "AutomationCommands",
    "AutomationRoutes",
    "CategoryCommands",
    "CertificateAnswers",
    "CertificateRoutes",
    "ChannelAnswers",
    "ChannelCommands",
    "ChatCommands",
    "CommandGroup",
    "ConfigCommands",
    "ControlAnswers",
    "CoreRoutes",
    "CredentialCommands",
    "DashboardRoutes",
    "EntryCommands",
    "ExtensionCommands",
    "FlowRoutes",
    "HelperCommands",
    "HistoryCommands",
    "HistoryRoutes",
    "HomeCommands",
    "HubConfig",
    "Logbook",
    "LogbookCommands",
    "ModelAnswers",
    "ModelCommands",
    "NotificationCommands",
    "OpenAIRoutes",
    "PictureRoutes",
    "RecentLog",
    "RegistryCommands",
    "Related",
    "RouteGroup",
    "SearchCommands",
    "ServiceRoutes",
    "SignedPaths",
    "StateCommands",
    "StateRoutes",
    "TodoCommands",
    "TriggerCommands",
    "UserAnswers",
    "UserCommands",
    "build",
    "handling",
    "insecure_application",
    "serving_control",
]
