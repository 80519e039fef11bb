"""Which nodes become entities: those that the user names, and those below what is browsed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hearth_opcua.browsing import MOST_NODES, Found, browse, facts_of, resolve
from hearth_opcua.config import NodeSettings, Settings
from hearth_opcua.items import Facts, Item, Unsuitable, combine
from hearth_opcua.session import Session


@dataclass(slots=True)
class Finding:
    """The items, the names of the browsed nodes by their ids, and what cannot be had, by name."""

    items: list[Item] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


async def find(session: Session, settings: Settings) -> Finding:
    """Ask the server for everything that is configured. Where a browsed node is also named, the user's words count."""
    finding, named = Finding(), {await resolve(session, node.node): node for node in settings.nodes}
    for facts in await facts_of(session, [Found(node=node, name="") for node in named]):
        _take(finding, facts, named[facts.node], said=named[facts.node].node)
    taken = set(named)
    for root in settings.browse:
        await _take_below(session, root, settings, taken, finding)
    return finding


async def _take_below(session: Session, root: str, settings: Settings, taken: set[str], finding: Finding) -> None:
    found = await browse(session, root)
    if len(found) == MOST_NODES:
        finding.problems[root] = (
            f"there are more than {MOST_NODES} nodes below; name the ones you want, or a lower node"
        )
    new = [each for each in found if each.node not in taken]
    taken.update(each.node for each in new)
    (about,) = await facts_of(session, [Found(node=await resolve(session, root), name="")])
    finding.roots[root] = about.name
    if not found and about.wrong is not None and "neither" not in about.wrong:
        finding.problems[root] = about.wrong
    for facts in await facts_of(session, [each for each in new if settings.browse_writable or not each.is_method]):
        writable = settings.browse_writable and facts.writable
        _take_quietly(finding, replace(facts, root=root), NodeSettings(node=facts.node, writable=writable))


def _take(finding: Finding, facts: Facts, wanted: NodeSettings, *, said: str) -> None:
    try:
        finding.items.append(combine(facts, wanted))
    except Unsuitable as error:
        finding.problems[wanted.name or said] = str(error)


def _take_quietly(finding: Finding, facts: Facts, wanted: NodeSettings) -> None:
    """Take what was browsed: writable where it can be, otherwise to be read, and left out if it shows nothing."""
    for attempt in (wanted, replace(wanted, writable=False)):
        try:
            finding.items.append(combine(facts, attempt))
        except Unsuitable:
            continue
        return
