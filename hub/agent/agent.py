"""The command agent: a sentence becomes tool calls within what the caller may do, each judged, audited and recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial

from hub.agent import answers, lists, questions, timers
from hub.agent.calls import Call
from hub.agent.confidence import EXACT
from hub.agent.follow_ups import Questions, reply_to
from hub.agent.home import Home, survey
from hub.agent.normalise import normalise
from hub.agent.phrases import Phrases, language_of
from hub.agent.planning import Planner, Proposal
from hub.agent.policy import Stance
from hub.agent.reading import LONGEST, Read, Reader, Reading, Source
from hub.agent.tools import Step
from hub.core.actions import Action, ActionResult, ActionTable, Outcome, Target
from hub.core.callers import Caller, CallerKind
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.inference import InferenceBackend, Priority
from hub.core.ports import Actions, Capabilities
from hub.core.records import Decision, ToolCall
from hub.core.registry import Entity, Registries
from hub.core.states import States
from hub.errors import InvalidInput

_ENGLISH = Phrases("en")
_SURE_OF_QUESTION = 0.85


class CommandAgent:
    """Understands sentences about the home, asks or refuses where it must, and carries out the rest.

    Only ``actions`` touches devices; ``capabilities`` bounds what a caller's sentences can be about at all.
    """

    def __init__(
        self,
        backend: InferenceBackend,
        actions: Actions,
        capabilities: Capabilities,
        states: States,
        registries: Registries,
        clock: Clock,
        table: ActionTable,
        *,
        time_zone: tzinfo = UTC,
    ) -> None:
        self._backend = backend
        self._actions = actions
        self._capabilities = capabilities
        self._states = states
        self._registries = registries
        self._clock = clock
        self._table = table
        self._time_zone = time_zone
        self._reader = Reader(backend)
        self._questions = Questions(clock)

    async def command(
        self,
        text: str,
        *,
        context: Context,
        caller: Caller,
        language: str | None = None,
        area_id: str | None = None,
        threshold: float | None = None,
        source: str | None = None,
        conversation_id: str | None = None,
    ) -> Decision:
        """Carry out what a sentence asks for, and return the decision with what became of each call.

        ``area_id`` is where the speaker is. A call less sure than ``threshold`` is asked about, not carried out. ``source``
        ``auto`` tries known sentences before the model, ``model`` asks it alone, which is the default for an automation's
        agent. In a conversation, a turn may answer the question that the turn before it was answered with. Raises InvalidInput for an empty or overlong text, InferenceError if the model is needed and cannot answer.
        """
        _check(text)
        reader = Source.MODEL if caller.kind is CallerKind.AGENT else Source.AUTO
        started = self._clock.monotonic()
        spoken = language_of(text, language)
        home = await survey(self._registries, lambda entity: self._may_touch(caller, entity))
        here = home.area(area_id)
        planner = Planner(
            home=home,
            here=here,
            state=self._states.get,
            table=self._table,
            threshold=threshold,
            now=self._clock.time(),
        )
        answered = self._answered(text, home, planner, caller, conversation_id)
        if answered is not None:
            reading, proposals = answered
        else:
            reading = await self._reader.read(text, home, here, spoken, Source(source or reader), _priority(caller))
            proposals = [planner.propose(read) for read in reading.reads]
        if conversation_id is not None:
            self._questions.note(conversation_id, caller, proposals, reading.source)
        done = [await self._carry_out(proposal, context, caller, Phrases(spoken)) for proposal in proposals]
        decision = _decision(text, reading, proposals, done, Phrases(spoken))
        decision.model = self._backend.model if reading.source == "model" else None
        decision.duration = self._clock.monotonic() - started
        return decision

    def _answered(
        self, text: str, home: Home, planner: Planner, caller: Caller, conversation_id: str | None
    ) -> tuple[Reading, list[Proposal]] | None:
        """Return what a turn makes of the one before it, if it answers the question that was asked back."""
        question = self._questions.take(conversation_id, caller) if conversation_id else None
        reply = reply_to(question, text, home) if question else None
        if question is None or reply is None:
            return None
        said = normalise(text)
        read = replace(question.read, utterance=f"{question.read.utterance} {said}")
        if not reply.things:
            read = Read(call=Call(tool="nevermind"), confidence=EXACT, utterance=said)
            proposal = planner.propose(read)
        elif reply.vague:
            proposal = planner.ask(read, reply.things)
        else:
            proposal = planner.settle(read, reply.things)
        return Reading(reads=(read,), source=question.source), [proposal]

    def _may_touch(self, caller: Caller, entity: Entity) -> bool:
        """Say whether this caller may do anything with the entity; a user may at least ask about what they see."""
        if not self._capabilities.sees(caller, entity.entity_id):
            return False
        if caller.kind is CallerKind.USER and caller.capabilities is None:
            return True
        if not self._granted(caller, entity):
            return False
        offered = [action.full_name for action in self._table.of_domain(entity.domain) if action.entity]
        wanted = offered or [f"{entity.domain}.read"]
        return any(self._capabilities.refusal(caller, action, entity) is None for action in wanted)

    def _granted(self, caller: Caller, entity: Entity) -> bool:
        """Say whether a capability is about the entity at all: of thousands few are, and asking for each action is slow."""
        if caller.capabilities is None:
            return True
        area, labels = self._registries.area_of(entity), self._registries.labels_of(entity)
        area_id = area.area_id if area else None
        return any(item.covers_entity(entity.entity_id, area_id, labels) for item in caller.capabilities)

    async def _carry_out(
        self, proposal: Proposal, context: Context, caller: Caller, phrases: Phrases
    ) -> tuple[list[ToolCall], str]:
        """Return the records of a proposal's calls and what to say of them."""
        if proposal.verdict.stance is not Stance.ACT:
            return [_not_done(proposal)], answers.objection(proposal, phrases)
        if proposal.call.tool == "none":
            return [], phrases.say("decline.none")
        if not proposal.steps:
            return [_answered(proposal)], self._answer(proposal, phrases)
        ask = partial(self._call, context=context, caller=caller)
        steps = [await lists.as_written(step, ask) for step in proposal.steps]
        results = [(step, await ask(step)) for step in steps]
        return [_called(proposal, *result) for result in results], answers.report(proposal, results, phrases)

    async def _call(self, step: Step, context: Context, caller: Caller) -> ActionResult:
        target = Target(entity_id=tuple(thing.entity_id for thing in step.things))
        action = Action(name=step.action, target=target, data=step.data)
        try:
            return await self._actions.call(action, context=context.child("agent"), caller=caller)
        except InvalidInput as error:
            return ActionResult(outcome=Outcome.FAILED, error=str(error), error_key=error.key)

    def _answer(self, proposal: Proposal, phrases: Phrases) -> str:
        tool = proposal.call.tool
        if tool == "nevermind":
            return phrases.say("done.nevermind")
        if tool == "left":
            return timers.tell(proposal.targets.things, self._states.get, self._clock.time(), phrases)
        if tool in ("time", "date"):
            return questions.now(tool, datetime.fromtimestamp(self._clock.time(), self._time_zone), phrases)
        sure = proposal.confidence.whole >= _SURE_OF_QUESTION
        things = proposal.targets.things
        return questions.answer(proposal.call, things, proposal.utterance, self._states.get, phrases, sure=sure)


def _priority(caller: Caller) -> Priority:
    return Priority.AUTOMATION if caller.kind is CallerKind.AGENT else Priority.COMMAND


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise InvalidInput(f"Expected a command of at most {LONGEST} characters, got {len(text)}")
    if not normalise(text):
        raise InvalidInput("Expected a command in words, got none")


def _decision(
    text: str,
    reading: Reading,
    proposals: Sequence[Proposal],
    done: Sequence[tuple[list[ToolCall], str]],
    phrases: Phrases,
) -> Decision:
    least = min((read.confidence for read in reading.reads), key=lambda confidence: confidence.whole)
    return Decision(
        question=text,
        source=reading.source,
        options=least.options,
        calls=tuple(call for calls, _ in done for call in calls),
        confidence=round(least.whole, 4),
        confidence_reason=least.reason(phrases),
        answer=phrases.sentences([answer for _, answer in done]),
        raw=reading.raw,
        prompt=reading.prompt,
        prompt_tokens=reading.prompt_tokens,
        output_tokens=reading.output_tokens,
    )


def _called(proposal: Proposal, step: Step, result: ActionResult) -> ToolCall:
    reached = answers.done(result)
    failed = Outcome.FAILED if result.outcome is Outcome.ACCEPTED and not reached else result.outcome
    return ToolCall(
        action=step.action,
        target={"entity_id": [thing.entity_id for thing in step.things]},
        data=step.data,
        entities=result.entities,
        outcome=str(Outcome.ACCEPTED if reached else failed),
        reason=None if reached else result.error or "nothing that can be reached",
        confidence=round(proposal.confidence.whole, 4),
    )


def _answered(proposal: Proposal) -> ToolCall:
    tool, things = proposal.call.tool, proposal.targets.things
    return ToolCall(
        action=f"hearth.{tool}",
        target={"entity_id": [thing.entity_id for thing in things]} if things else {},
        entities=tuple(thing.entity_id for thing in things),
        outcome=str(Outcome.ACCEPTED),
        confidence=round(proposal.confidence.whole, 4),
    )


def _not_done(proposal: Proposal) -> ToolCall:
    """Return the record of a proposal that the guards stopped."""
    step = proposal.steps[0] if proposal.steps else None
    return ToolCall(
        action=step.action if step else f"hearth.{proposal.call.tool}",
        target={"entity_id": [thing.entity_id for thing in step.things]} if step else {},
        data=step.data if step else {},
        outcome="ask" if proposal.verdict.stance is Stance.ASK else str(Outcome.REFUSED),
        reason=answers.objection(proposal, _ENGLISH),
        confidence=round(proposal.confidence.whole, 4),
    )
