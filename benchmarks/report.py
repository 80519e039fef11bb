"""How benchmarks tell their figures; no benchmark itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure beside its peer's, both from the same run.

    ``ratio`` is the figure to the peer's; it ``holds`` if it comes to ``reach`` at least, or at most where lower is better.
    With ``absolute`` the reach is meant for the figure itself.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    reach: float | None = None
    lower_is_better: bool = False
    absolute: bool = False

    @property
    def ratio(self) -> float | None:
        """The figure to the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def holds(self) -> bool | None:
        """Whether it is as good as it should be; None if nothing was promised."""
        found = self.value if self.absolute else self.ratio
        if found is None or self.reach is None:
            return None
        return found <= self.reach if self.lower_is_better else found >= self.reach

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, ratio and verdict included."""
        return {**asdict(self), "ratio": self.ratio, "holds": self.holds}


def report(figures: Iterable[Figure], *, as_json: bool) -> int:
    """Print each figure when it comes, as one JSON line or as a line to read; return 1 if a promise does not hold."""
    broken = 0
    for figure in figures:
        broken += figure.holds is False
        print(json.dumps(figure.as_dict()) if as_json else _line(figure), flush=True)
    return 1 if broken else 0


def _line(figure: Figure) -> str:
    text = f"{figure.name:44} {_number(figure.value):>12} {figure.unit}"
    if figure.peer_value is not None and figure.ratio is not None:
        text += f"   {figure.peer}: {_number(figure.peer_value)}   ratio {figure.ratio:.2f}"
    if figure.holds is None:
        return text
    wanted = "at most" if figure.lower_is_better else "at least"
    return f"{text} ({wanted} {figure.reach:g}: {'holds' if figure.holds else 'DOES NOT HOLD'})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
