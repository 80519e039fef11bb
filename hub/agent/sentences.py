"""Several commands in one sentence. Pure."""

from __future__ import annotations

import re

from hub.agent.home import Home
from hub.agent.lexicon import VERBS, says
from hub.agent.normalise import contains, normalise

MOST_PARTS = 4
_JOINT = re.compile(r"(?i)\b(?:and then|and|then)\b|然后|并且|接着|同时|[，；。！？、;!?]|,(?!\d)|\.(?!\d)")


def split(text: str, home: Home) -> tuple[str, ...]:
    """Return the commands that a text joins, or none if it is one command.

    It is split only where every part has a verb of its own ("the kitchen and the hall lights" is one), and never within a
    name.
    """
    utterance = normalise(text)
    names = (name for thing in home.things for name in thing.written if _JOINT.search(name))
    if any(contains(utterance, normalise(name)) for name in names):
        return ()
    parts = [part.strip() for part in _JOINT.split(text) if normalise(part)]
    return tuple(parts) if 1 < len(parts) <= MOST_PARTS and all(says(normalise(part), VERBS) for part in parts) else ()
