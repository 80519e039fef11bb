"""Which option a model has in mind, from the tokens that it finds likely next. Pure but for the looks it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from hub.core.inference import RankedOption, Ranking

Look = Callable[[str], Awaitable[Sequence[tuple[str, float]]]]
"""Returns the likeliest tokens (text, probability) after the prompt and the beginning of an option."""

_MOST_LOOKS = 64
_NEGLIGIBLE = 1e-4


class OptionWalk:
    """Follows the likely tokens as far as several options go on with them, and divides the probability among these.

    Where an option ends that is the beginning of another, whatever goes on with no option counts for its end.
    """

    def __init__(self, options: Sequence[str], look: Look) -> None:
        self._options = tuple(dict.fromkeys(options))
        self._look = look
        self._looks = 0
        self._shares = dict.fromkeys(self._options, 0.0)
        self._own = dict.fromkeys(self._options, 0.0)

    async def rank(self) -> Ranking | None:
        """Return how likely each option is, or None if none of them begins with a likely token."""
        await self._walk("", self._options, 1.0, 1.0)
        ranked = [
            RankedOption(text=text, probability=self._shares[text], unmasked=self._own[text]) for text in self._options
        ]
        if not any(option.unmasked for option in ranked):
            return None
        ranked.sort(key=lambda option: -option.probability)
        return Ranking(options=tuple(ranked), outside=max(0.0, 1.0 - sum(self._own.values())))

    async def _walk(self, begun: str, options: Sequence[str], share: float, own: float) -> None:
        if len(options) == 1:
            self._give(options, share, own)
            return
        if own < _NEGLIGIBLE or self._looks >= _MOST_LOOKS:
            self._give(options, share, own)
            return
        self._looks += 1
        branches = [
            (begun + text, going, probability)
            for text, probability in await self._look(begun)
            if text and (going := [option for option in options if option.startswith(begun + text)])
        ]
        taken = sum(probability for _, _, probability in branches)
        if begun in options:
            branches.append((begun, [begun], max(0.0, 1.0 - taken)))
            taken = max(taken, 1.0)
        if not taken:
            self._give(options, share, 0.0)
        for text, going, probability in branches:
            if probability:
                await self._walk(text, going, share * probability / taken, own * probability)

    def _give(self, options: Sequence[str], share: float, own: float) -> None:
        for option in options:
            self._shares[option] += share / len(options)
            self._own[option] += own / len(options)


def settled(options: Sequence[str], chosen: str) -> Ranking:
    """Return the ranking of a server that names an option and no probabilities: that nothing is known of them shows in ``outside``."""
    others = [option for option in dict.fromkeys(options) if option != chosen]
    ranked = (
        RankedOption(text=chosen, probability=1.0, unmasked=0.0),
        *(RankedOption(text=text, probability=0.0, unmasked=0.0) for text in others),
    )
    return Ranking(options=ranked, outside=1.0)
