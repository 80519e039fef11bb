"""What was said goes before what the model made of it: a name, a place or "all" in the sentence is never ignored. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.kinds import SPOKEN, is_a
from hub.agent.lexicon import BY, DOWN, HERE, TO, UP, WHOLE, says
from hub.agent.normalise import contains, has_chinese
from hub.agent.retrieval import mentioned

_ALL_SPOKEN = frozenset().union(*SPOKEN.values())
_WITHOUT_TARGET = frozenset(
    {"timer", "extend", "shorten", "cancel", "left", "add", "done", "items", "time", "date", "none", "nevermind"}
)

_BY_SO_MUCH = {
    "brightness": ("brighter", "darker"),
    "temperature": ("warmer", "cooler"),
    "volume": ("louder", "quieter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A normalised utterance in a home. ``fits(tool, thing)`` says whether a tool can be used on a thing."""

    utterance: str
    home: Home
    here: Place | None
    fits: Callable[[str, Thing], bool]

    def narrow(self, call: Call) -> Call:
        """Return the call with the name, the place, "all" or "by so much" that was said."""
        return self._target(self._relative(call))

    def _relative(self, call: Call) -> Call:
        """Take "up by 2 degrees" for what it is: a number to go by is not one to go to."""
        up, down = says(self.utterance, UP), says(self.utterance, DOWN)
        tools = _BY_SO_MUCH.get(call.tool)
        if tools is None or up is down or says(self.utterance, TO):
            return call
        if not (says(self.utterance, BY) or has_chinese(self.utterance)):
            return call
        return replace(call, tool=tools[0] if up else tools[1])

    def _target(self, call: Call) -> Call:
        if call.name is not None or call.tool in _WITHOUT_TARGET or call.type == "timer":
            return call
        if name := self._name(call):
            return replace(call, name=name, type=None, all=False, floor=None, without=None)
        if call.area is None and call.floor is None:
            return self._place(call)
        return call

    def _name(self, call: Call) -> str | None:
        """Return the one name in the utterance that the call's kind covers."""
        if call.without is not None:
            return None
        names = {
            name
            for thing in self.home.things
            if self.fits(call.tool, thing) and (call.type is None or is_a(thing.kind, call.type))
            for name in thing.names
            if contains(self.utterance, name) and (name not in _ALL_SPOKEN or self._only(thing, call))
        }
        longest = {name for name in names if not any(other != name and contains(other, name) for other in names)}
        return longest.pop() if len(longest) == 1 else None

    def _only(self, thing: Thing, call: Call) -> bool:
        """Say whether a thing whose name is a mere kind ("Light") can be meant: not where a group is spoken of."""
        near = self.here is None or thing.area_id in self.here.ids
        return near and not (call.all or call.area or call.floor or says(self.utterance, WHOLE))

    def _place(self, call: Call) -> Call:
        areas = mentioned(self.utterance, self.home.areas)
        floors = mentioned(self.utterance, self.home.floors)
        if len(areas) == 1 and not floors:
            return replace(call, area=areas[0][0], all=False)
        if len(floors) == 1 and not areas:
            return replace(call, floor=floors[0][0], all=False)
        if areas or floors:
            return call
        if says(self.utterance, HERE):
            return replace(call, all=False, area=self.here.names[0] if self.here else None)
        return replace(call, all=True) if call.type and says(self.utterance, WHOLE) else call
