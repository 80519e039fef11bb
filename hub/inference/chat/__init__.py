"""Chats for engines that know prompts only: a model's template, its tool calls, and its window."""

from hub.inference.chat.counting import Count, TokenCounter
from hub.inference.chat.format import ChatFormat, Generate
from hub.inference.chat.window import ContextWindow, Fitted, Overflow, Summarise, from_turns

__all__ = [
    "ChatFormat",
    "ContextWindow",
    "Count",
    "Fitted",
    "Generate",
    "Overflow",
    "Summarise",
    "TokenCounter",
    "from_turns",
]
