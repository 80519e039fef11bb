"""What is found on the network, how the hub is found there, and the dialogs that make config entries."""

from hub.discovery.announcement import Announcement
from hub.discovery.browser import Browser
from hub.discovery.flow import Step
from hub.discovery.flows import Flows
from hub.discovery.reach import Reach

__all__ = ["Announcement", "Browser", "Flows", "Reach", "Step"]
