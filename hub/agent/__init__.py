"""The agent: sentences to actions, within bounds that are code."""

from hub.agent.agent import CommandAgent
from hub.agent.conversation import Conversation

__all__ = ["CommandAgent", "Conversation"]
