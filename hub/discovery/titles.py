"""Names from the network: anybody can announce anything, so a name is cut and cleaned before it is shown."""

from __future__ import annotations

import unicodedata

_LONGEST = 64


def clean_title(text: str, fallback: str) -> str:
    """Return ``text`` on one line, without control and formatting characters, of at most 64; ``fallback`` if nothing is left.

    >>> clean_title("Lamp\\x1b[31m \\u202elive\\n\\n  room", "Lamp")
    'Lamp[31m live room'
    """
    shown = (" " if char.isspace() else char for char in unicodedata.normalize("NFC", text[: 4 * _LONGEST]))
    kept = "".join(char for char in shown if char == " " or not unicodedata.category(char).startswith("C"))
    return " ".join(kept.split())[:_LONGEST].strip() or fallback
