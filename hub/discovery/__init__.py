"""What is found on the network, and the dialogs that make config entries of it."""

from hub.discovery.browser import Browser
from hub.discovery.flow import Step
from hub.discovery.flows import Flows

__all__ = ["Browser", "Flows", "Step"]
