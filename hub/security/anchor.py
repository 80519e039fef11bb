"""The anchor: the last row of the audit that was surely written, kept beside the database."""

from __future__ import annotations

from pathlib import Path

import orjson

from hub.config.store import write_atomically
from hub.security.chain import START, Link


def read_anchor(path: Path) -> Link:
    """Return the anchor; the start of the chain if there is none or it cannot be read."""
    try:
        data = orjson.loads(path.read_bytes())
        return Link(int(data["number"]), bytes.fromhex(data["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return START


def write_anchor(path: Path, link: Link) -> None:
    """Replace the anchor, so that at any moment the old or the new one is there."""
    write_atomically(path, orjson.dumps({"number": link.number, "hash": link.hash.hex()}))
