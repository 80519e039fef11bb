"""Updates of software and firmware: on is that there is a newer version."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN, TEXT


class UpdateFeature(IntFlag):
    """What an update can do besides being known."""

    INSTALL = 1
    SPECIFIC_VERSION = 2
    PROGRESS = 4
    BACKUP = 8
    RELEASE_NOTES = 16


UPDATE = Domain(
    name="update",
    states=frozenset({"on", "off"}),
    features=UpdateFeature,
    device_classes=frozenset({"firmware"}),
    attributes=(
        Attribute(name="auto_update", description="whether it installs by itself"),
        Attribute(name="display_precision", description="how many decimals of the progress are worth showing"),
        Attribute(name="installed_version", description="the version in use"),
        Attribute(name="in_progress", description="whether it is being installed"),
        Attribute(name="latest_version", description="the newest version"),
        Attribute(name="release_summary", description="what is new, in a few words"),
        Attribute(name="release_url", description="the address of what is new"),
        Attribute(name="skipped_version", description="the version that the user skips"),
        Attribute(name="title", description="the name of the software"),
        Attribute(name="update_percentage", description="how far installing has come", unit="%"),
    ),
    actions=(
        ActionDescription(
            domain="update",
            name="install",
            features=UpdateFeature.INSTALL,
            timeout=600.0,
            description="Installs an update.",
            fields=(
                Field(
                    name="version",
                    selector=TEXT,
                    example="1.0.0",
                    description="Which version; without it the newest.",
                ),
                Field(
                    name="backup",
                    selector=BOOLEAN,
                    features=UpdateFeature.BACKUP,
                    description="Whether to make a backup first.",
                ),
            ),
        ),
        ActionDescription(domain="update", name="skip", description="Passes over the newest version of an update."),
        ActionDescription(domain="update", name="clear_skipped", description="Passes over no version any more."),
    ),
)
