from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.inference.engine.cells import Cells, Segment

ACTS = st.lists(
    st.tuples(st.sampled_from(["new", "grow", "copy", "cut", "drop"]), st.integers(0, 9), st.integers(0, 30))
)


@given(ACTS)
def test_the_account_is_what_counting_every_cell_gives(acts: list[tuple[str, int, int]]) -> None:
    """Each sequence is also kept as the list of its cells' names, which copies share."""
    cells, names = Cells(10_000), iter(range(10_000))
    tips: list[Segment] = []
    held: list[list[int]] = []
    for act, which, count in acts:
        at = which % len(tips) if tips else None
        if act == "new" or at is None:
            tips.append(Segment(None, 0))
            held.append([])
        elif act == "grow":
            tips[at] = cells.grown(tips[at], count + 1)
            held[at] += [next(names) for _ in range(count + 1)]
        elif act == "copy":
            length = min(count, len(held[at]))
            tips.append(cells.shared(tips[at], length))
            held.append(held[at][:length])
        elif act == "cut":
            tips[at] = cells.cut(tips[at], count)
            del held[at][count:]
        else:
            cells.dropped(tips.pop(at))
            held.pop(at)
        assert cells.used == len({name for sequence in held for name in sequence})
        for tip, sequence in zip(tips, held, strict=True):
            others = {name for other in held if other is not sequence for name in other}
            assert tip.end == len(sequence)
            assert cells.own(tip) == sum(name not in others for name in sequence)
    for tip in tips:
        cells.dropped(tip)
    assert cells.used == 0
