"""From calls to proposals: what each call means here, which actions carry it out, and whether the guards let it pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hub.agent.calls import Call
from hub.agent.confidence import Confidence
from hub.agent.home import Home, Place, Thing
from hub.agent.lists import LIST_TOOLS
from hub.agent.lists import find as find_list
from hub.agent.policy import ACT, LEAST_SURE_OF_TOOL, Case, Stance, Verdict, is_delayed, judge_steps, judge_targets
from hub.agent.reading import Read
from hub.agent.targets import Finder, Problem, Targets
from hub.agent.timers import Timers, left
from hub.agent.tools import TIMER_TOOLS, TOOLS, Impossible, Step, Tool, available, steps
from hub.core.actions import ActionTable
from hub.core.state import State

_ACTIVE = frozenset({"playing", "paused", "buffering", "opening", "closing"})
_KINDS_IN_STATE = {
    **dict.fromkeys(("locked", "unlocked"), "lock"),
    **dict.fromkeys(("home", "away"), "person"),
}
"""What alone can be in a state: a door's sensor says open or closed, its lock says locked."""
StateOf = Callable[[str], State | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A call with what it means here: its things, its actions, and the guards' verdict.

    ``settled``: the speaker was asked which things are meant, and has said so.
    """

    call: Call
    confidence: Confidence
    utterance: str
    verdict: Verdict = ACT
    targets: Targets = field(default_factory=Targets)
    steps: tuple[Step, ...] = ()
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Makes proposals in one home, for one speaker."""

    home: Home
    here: Place | None
    state: StateOf
    table: ActionTable
    threshold: float | None = None
    now: float = 0.0

    def propose(self, read: Read) -> Proposal:
        """Return what a call comes to."""
        plain = Proposal(call=read.call, confidence=read.confidence, utterance=read.utterance)
        if read.call.tool in ("none", "nevermind", "time", "date"):
            return plain
        if read.call.tool in ("state", "weather"):
            return self._question(plain)
        if read.call.about_timer:
            return self._timer(plain)
        if not available(read.call.tool, self.table):
            return _declined(plain, "decline.search" if read.call.tool == "search" else "decline.unavailable")
        if read.call.tool in LIST_TOOLS:
            return self._list(plain)
        return self._action(plain)

    def ask(self, read: Read, things: tuple[Thing, ...]) -> Proposal:
        """Return a call with the question which of these things it is about."""
        verdict = Verdict(stance=Stance.ASK, key="ask.which", things=things)
        return Proposal(call=read.call, confidence=read.confidence, utterance=read.utterance, verdict=verdict)

    def settle(self, read: Read, things: tuple[Thing, ...]) -> Proposal:
        """Return what a call comes to that is about these things: the speaker has said so."""
        proposal = Proposal(
            call=read.call,
            confidence=read.confidence,
            utterance=read.utterance,
            targets=Targets(things=things),
            settled=True,
        )
        if read.call.about_timer:
            return self._timed(proposal)
        return self._judged(proposal, TOOLS[read.call.tool], read.call)

    def _timer(self, proposal: Proposal) -> Proposal:
        call = proposal.call
        if call.tool == "timer" and is_delayed(proposal.utterance):
            return _declined(proposal, "decline.later")
        targets, missing = Timers(home=self.home, here=self.here, state=self.state).find(call)
        proposal = replace(proposal, targets=targets)
        if missing is not None:
            return _declined(proposal, missing)
        return proposal if call.tool == "left" else self._timed(proposal)

    def _timed(self, proposal: Proposal) -> Proposal:
        call = proposal.call
        if call.tool == "extend":  # a timer cannot be made longer than it was begun: it is begun anew
            rests = [left(self.state(thing.entity_id), self.now) or 0 for thing in proposal.targets.things]
            call = replace(call, seconds=(call.seconds or 0) + max(rests, default=0))
        return self._judged(proposal, TIMER_TOOLS[call.tool], call)

    def _list(self, proposal: Proposal) -> Proposal:
        targets = find_list(proposal.call, proposal.utterance, self.home)
        if targets.problem is Problem.UNKNOWN:
            return _declined(proposal, "decline.list")
        return self._judged(replace(proposal, targets=targets), TOOLS[proposal.call.tool], proposal.call)

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
        return self._judged(replace(proposal, targets=targets), tool, call)

    def _judged(self, proposal: Proposal, tool: Tool, call: Call) -> Proposal:
        """Return the proposal with its actions, which ``call`` gives the data of, as far as the guards let it pass."""
        case = self._case(proposal, tool)
        verdict = judge_targets(case)
        if verdict.stance is not Stance.ACT:
            return replace(proposal, verdict=verdict)
        try:
            actions = steps(tool, call, proposal.targets.things, self.state)
        except Impossible as error:
            wrong = Verdict(stance=Stance.DECLINE, key=error.key, placeholders=error.placeholders)
            return replace(proposal, verdict=wrong)
        return replace(proposal, steps=actions, verdict=judge_steps(case, actions, self.table))

    def _case(self, proposal: Proposal, tool: Tool) -> Case:
        return Case(
            utterance=proposal.utterance,
            call=proposal.call,
            tool=tool,
            targets=proposal.targets,
            confidence=proposal.confidence,
            home=self.home,
            threshold=self.threshold,
            settled=proposal.settled,
        )

    @property
    def _finder(self) -> Finder:
        return Finder(home=self.home, here=self.here, active=self._active)

    def _active(self, thing: Thing) -> bool:
        state = self.state(thing.entity_id)
        return state is not None and state.state in _ACTIVE


def _declined(proposal: Proposal, key: str) -> Proposal:
    return replace(proposal, verdict=Verdict(stance=Stance.DECLINE, key=key))
