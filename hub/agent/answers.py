"""What the agent says: of what was carried out and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from hub.agent import lists, timers
from hub.agent.normalise import has_chinese
from hub.agent.phrases import Phrases
from hub.agent.planning import Proposal
from hub.agent.tools import Step
from hub.core.actions import ActionResult, Outcome

Results = Sequence[tuple[Step, ActionResult]]


def objection(proposal: Proposal, phrases: Phrases) -> str:
    """Return why a proposal is not carried out, or what is asked back."""
    verdict = proposal.verdict
    return phrases.say(
        verdict.key,
        names=phrases.names(verdict.things),
        options=phrases.options(verdict.things),
        **verdict.placeholders,
    )


def report(proposal: Proposal, results: Results, phrases: Phrases) -> str:
    """Return what became of a proposal's actions, or what they found."""
    return phrases.sentences([_step(proposal, step, result, phrases) for step, result in results])


def done(result: ActionResult) -> bool:
    """Say whether a device was told to do something: an action that reached nothing did nothing."""
    return result.outcome is Outcome.ACCEPTED and bool(result.entities)


def _step(proposal: Proposal, step: Step, result: ActionResult, phrases: Phrases) -> str:
    if done(result) and proposal.call.tool == "items":
        return lists.tell(step.things[0], result.response, phrases)
    if done(result):
        reached = [thing for thing in step.things if thing.entity_id in result.entities]
        return phrases.say(
            _key(proposal.call.tool, step, phrases), names=phrases.names(reached), value=_value(proposal, step, phrases)
        )
    outcome = Outcome.FAILED if result.outcome is Outcome.ACCEPTED else result.outcome
    error = (result.error or phrases.say("state.unavailable")).rstrip(".")
    return phrases.say(f"not_done.{outcome}", names=phrases.names(step.things), error=error)


def _key(tool: str, step: Step, phrases: Phrases) -> str:
    """Return the key of what is said; some kinds of things need words of their own."""
    own = f"done.{tool}.{step.things[0].kind}"
    return own if own in phrases else f"done.{tool}"


def _value(proposal: Proposal, step: Step, phrases: Phrases) -> str:
    """Return what something was set to, as it was said where that is a word."""
    call = proposal.call
    if call.about_timer:
        return timers.spell(call.seconds, phrases) if call.seconds else ""
    if "item" in step.data:
        return str(step.data["item"])
    if call.color is not None:
        return _color(call.color)
    if call.mode is not None:
        return call.mode
    value = step.data.get("temperature", call.value)
    return f"{value:g}" if isinstance(value, (int, float)) else ""


def _color(words: str) -> str:
    """Return a colour as it is written."""
    if not has_chinese(words):
        return words
    together = words.replace(" ", "")
    return together if together.endswith(("色", "光")) else f"{together}色"
