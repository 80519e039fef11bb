"""The prompt, exactly as the command model was trained on it. Pure text."""

from __future__ import annotations

from collections.abc import Iterator

from hub.agent.retrieval import Listed, Retrieved


def build(utterance: str, retrieved: Retrieved) -> str:
    """Return the prompt for a normalised utterance. Everything in it is normalised: no name can begin a new line."""
    return "\n".join(_lines(utterance, retrieved))


def _lines(utterance: str, retrieved: Retrieved) -> Iterator[str]:
    if retrieved.here:
        yield f"here: {retrieved.here}"
    if retrieved.areas:
        yield f"areas: {', '.join(retrieved.areas)}"
    if retrieved.floors:
        yield f"floors: {', '.join(retrieved.floors)}"
    yield from dict.fromkeys(_line(listed) for listed in retrieved.listed)
    yield f"> {utterance}"
    yield "="


def _line(listed: Listed) -> str:
    where = f" @ {listed.area}" if listed.area and not listed.name.startswith(listed.area) else ""
    return f"{listed.thing.kind}: {listed.name}{where}"
