"""From calls to proposals: what each call means here, which actions carry it out, and whether the guards let it pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hub.agent.calls import Call
from hub.agent.confidence import Confidence
from hub.agent.home import Home, Place, Thing
from hub.agent.policy import ACT, LEAST_SURE_OF_TOOL, Case, Stance, Verdict, judge_steps, judge_targets
from hub.agent.reading import Read
from hub.agent.targets import Finder, Targets
from hub.agent.tools import TOOLS, Impossible, Step, available, steps
from hub.core.actions import ActionTable
from hub.core.state import State

_UNAVAILABLE = {
    **dict.fromkeys(("timer", "extend", "shorten", "cancel", "left"), "decline.timer"),
    **dict.fromkeys(("add", "done", "items"), "decline.list"),
    "search": "decline.search",
}
_ACTIVE = frozenset({"playing", "paused", "buffering", "opening", "closing"})
_KINDS_IN_STATE = dict.fromkeys(("locked", "unlocked"), "lock")
"""What alone can be in a state: a door's sensor says open or closed, its lock says locked."""
StateOf = Callable[[str], State | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A call with what it means here: its things, its actions, and the guards' verdict."""

    call: Call
    confidence: Confidence
    utterance: str
    verdict: Verdict = ACT
    targets: Targets = field(default_factory=Targets)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Makes proposals in one home, for one speaker."""

    home: Home
    here: Place | None
    state: StateOf
    table: ActionTable
    threshold: float | None = None

    def propose(self, read: Read) -> Proposal:
        """Return what a call comes to."""
        plain = Proposal(call=read.call, confidence=read.confidence, utterance=read.utterance)
        if read.call.tool in ("none", "nevermind", "time", "date"):
            return plain
        if read.call.tool in ("state", "weather"):
            return self._question(plain)
        if (missing := self._missing(read.call)) is not None:
            return replace(plain, verdict=Verdict(stance=Stance.DECLINE, key=missing))
        return self._action(plain)

    def _missing(self, call: Call) -> str | None:
        if call.type == "timer":
            return "decline.timer"
        if call.tool in _UNAVAILABLE:
            return _UNAVAILABLE[call.tool]
        return None if available(call.tool, self.table) else "decline.unavailable"

    def _question(self, proposal: Proposal) -> Proposal:
        call = replace(proposal.call, type="weather") if proposal.call.tool == "weather" else proposal.call
        targets = self._asked(call)
        if call.tool == "weather" and not targets.things:
            return replace(proposal, verdict=Verdict(stance=Stance.DECLINE, key="decline.weather"))
        if proposal.confidence.tool < LEAST_SURE_OF_TOOL:
            return replace(proposal, verdict=Verdict(stance=Stance.ASK, key="ask.unsure"))
        return replace(proposal, targets=targets)

    def _asked(self, call: Call) -> Targets:
        kind = _KINDS_IN_STATE.get(call.wanted or "")
        targets = self._finder.find(call, lambda thing: kind in (None, thing.kind), every=True)
        if not targets.things and kind is not None:
            targets = self._finder.find(call, lambda _: True, every=True)
        if not targets.things and call.type == "temperature":  # a thermostat measures it too
            targets = self._finder.find(replace(call, type="climate"), lambda _: True, every=True)
        return replace(targets, things=targets.things or targets.candidates)

    def _action(self, proposal: Proposal) -> Proposal:
        call, tool = proposal.call, TOOLS[proposal.call.tool]
        by_tool_alone = call.name is None and call.type is None
        targets = self._finder.find(call, tool.usually_fits if by_tool_alone else tool.fits)
        proposal = replace(proposal, targets=targets)
        case = self._case(proposal)
        verdict = judge_targets(case)
        if verdict.stance is not Stance.ACT:
            return replace(proposal, verdict=verdict)
        try:
            actions = steps(tool, call, targets.things, self.state)
        except Impossible as error:
            wrong = Verdict(stance=Stance.DECLINE, key=error.key, placeholders=error.placeholders)
            return replace(proposal, verdict=wrong)
        return replace(proposal, steps=actions, verdict=judge_steps(case, actions, self.table))

    def _case(self, proposal: Proposal) -> Case:
        return Case(
            utterance=proposal.utterance,
            call=proposal.call,
            tool=TOOLS[proposal.call.tool],
            targets=proposal.targets,
            confidence=proposal.confidence,
            home=self.home,
            threshold=self.threshold,
        )

    @property
    def _finder(self) -> Finder:
        return Finder(home=self.home, here=self.here, active=self._active)

    def _active(self, thing: Thing) -> bool:
        state = self.state(thing.entity_id)
        return state is not None and state.state in _ACTIVE
