"""``hearth chat``: say something to the agent."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from hub.cli import arguments, control

if TYPE_CHECKING:
    from hub.cli.arguments import Subparsers

EXAMPLES = """\
  hearth chat "turn off all the lights upstairs"
  hearth chat 把楼上的灯都关掉 --language zh-Hans
  hearth chat "is the front door locked" --json"""


def add_parser(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = arguments.add(commands, shared, "chat", "say something to the agent of the running hub", EXAMPLES, chat)
    parser.add_argument("text", help="a command or a question")
    parser.add_argument("--language", help="en or zh-Hans (default: found from the text)")
    parser.add_argument("--conversation", help="id of a conversation to go on with")


def chat(options: argparse.Namespace) -> int:
    """Ask the agent; print its answer. The exit code is 1 if it could not do it."""
    question = {"text": options.text, "language": options.language, "conversation_id": options.conversation}
    answer = control.ask(options.config, "/chat", question)
    response = answer["response"]
    print(json.dumps(answer, ensure_ascii=False) if options.json else response["speech"]["plain"]["speech"])
    return 1 if response["response_type"] == "error" else 0
