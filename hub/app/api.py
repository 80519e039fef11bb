"""Everything that clients may ask of a hub, put together: routes, commands, and the command line's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hub.server import (
    Answer,
    Application,
    AuthorizeRoutes,
    AuthRoutes,
    AutomationCommands,
    AutomationRoutes,
    CategoryCommands,
    CertificateAnswers,
    CertificateRoutes,
    ChannelAnswers,
    ChannelCommands,
    ChatCommands,
    CommandGroup,
    ConfigCommands,
    ControlAnswers,
    CoreRoutes,
    CredentialCommands,
    DashboardRoutes,
    EntryCommands,
    ExtensionCommands,
    FlowRoutes,
    HelperCommands,
    HistoryCommands,
    HistoryRoutes,
    HomeCommands,
    HubConfig,
    LogbookCommands,
    ModelAnswers,
    ModelCommands,
    NotificationCommands,
    OpenAIRoutes,
    PictureRoutes,
    RegistryCommands,
    Related,
    RouteGroup,
    SearchCommands,
    ServiceRoutes,
    StateCommands,
    StateRoutes,
    TodoCommands,
    TriggerCommands,
    UserAnswers,
    UserCommands,
    build,
)

if TYPE_CHECKING:
    from hub.app.hub import Hub


def control_answers(hub: Hub) -> Mapping[str, Answer]:
    """Return what the command line may ask, by path."""
    groups = (
        ControlAnswers(hub.auth, hub.conversation, _extensions(hub)),
        ChannelAnswers(hub.channels, _channel_commands(hub), hub.auth.users),
        ModelAnswers(_model_commands(hub), hub.auth.users),
        UserAnswers(hub.auth, hub.accounts),
        CertificateAnswers(hub.certificates),
    )
    return {path: answer for group in groups for path, answer in group.routes().items()}


def application(hub: Hub) -> Application:
    """Return a new application that serves this hub."""
    return build(
        route_groups(hub),
        command_groups(hub),
        hub.auth.principal_for,
        hub.auth.on_revoked,
        hub.signed_paths,
        hub.capabilities.sight,
        hub.reach.hosts(),
    )


def command_groups(hub: Hub) -> Sequence[CommandGroup]:
    """Return every group of WebSocket commands."""
    return (
        StateCommands(hub.states, hub.bus, hub.actions, hub.table),
        RegistryCommands(hub.registries, hub.states, lambda: hub.home.settings.name),
        ConfigCommands(_info(hub), hub.auth, hub.templates, hub.bus, hub.signed_paths),
        HomeCommands(hub.home, hub.audit, hub.bus, hub.clock),
        HistoryCommands(hub.recorder.history, hub.bus, hub.clock),
        LogbookCommands(hub.logbook, hub.registries, hub.bus, hub.clock),
        TriggerCommands(hub.automations.pieces),
        CategoryCommands(hub.registries.categories),
        SearchCommands(Related(hub.registries, hub.entries, hub.automations), hub.registries),
        EntryCommands(hub.entries, hub.flows, hub.plugins, hub.supervisor, hub.bus),
        AutomationCommands(hub.automations, hub.recorder.runs, hub.bus),
        ChatCommands(hub.conversation, hub.audit),
        _model_commands(hub),
        UserCommands(hub.auth, hub.accounts),
        CredentialCommands(hub.auth, hub.accounts),
        _channel_commands(hub),
        _extensions(hub),
        HelperCommands(hub.virtual.collections),
        TodoCommands(hub.virtual.todo, hub.registries, hub.capabilities),
        NotificationCommands(hub.virtual.notifications),
    )


def route_groups(hub: Hub) -> Sequence[RouteGroup]:
    """Return every group of REST routes; the dashboard comes last."""
    return (
        AuthRoutes(hub.auth),
        AuthorizeRoutes(hub.auth, lambda: hub.home.settings.name),
        CoreRoutes(hub.bus, hub.templates, _info(hub), hub.clock, hub.log, hub.folder, hub.plugins),
        StateRoutes(hub.states, hub.audit),
        ServiceRoutes(hub.bus, hub.actions, hub.table),
        PictureRoutes(hub.registries.entities, hub.supervisor, hub.pictures, hub.clock),
        HistoryRoutes(hub.recorder.history, hub.logbook, hub.states, hub.clock),
        FlowRoutes(hub.flows),
        AutomationRoutes(hub.automations),
        CertificateRoutes(hub.certificates),
        OpenAIRoutes(hub.models, hub.audit, hub.clock, hub.auth.on_revoked),
        DashboardRoutes(),
    )


def _info(hub: Hub) -> HubConfig:
    return HubConfig(hub.home, hub.folder, hub.plugins, hub.states, lambda: hub.port != 0)


def _extensions(hub: Hub) -> ExtensionCommands:
    return ExtensionCommands(hub.plugins, hub.supervisor, hub.entries, hub.registries, hub.bus)


def _channel_commands(hub: Hub) -> ChannelCommands:
    return ChannelCommands(hub.channels, hub.entries, hub.supervisor, hub.bus)


def _model_commands(hub: Hub) -> ModelCommands:
    return ModelCommands(hub.swap, hub.servers, hub.audit)
