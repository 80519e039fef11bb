"""The generated page on rights: what each role may see and do, and what each command, route and event needs."""

from __future__ import annotations

from collections.abc import Iterable

from hub.cli.docs_api import application
from hub.security import EVERYDAY, RIGHTS, Rights
from hub.server.needs import Needs
from hub.server.web import COMMANDS, ROUTES
from hub.server.websocket.subscriptions import SUBSCRIPTIONS

_INTRODUCTION = """\
# Rights

## Roles

`capabilities` say what their user may see, and what they may do there; [users](../security.md#users) explains them.
"""
_NEEDS = {
    Needs.NOTHING: "Anybody who reaches the hub",
    Needs.LINK: "Whoever has a link with a token in it, or is logged in and may see what it leads to",
    Needs.LOGIN: "Everybody who is logged in; lists, changes and the past hold only what they may see",
    Needs.HOUSE: "Whoever sees the whole house: owner, admins, users who are not limited, and programs that were granted all",
    Needs.MODEL: "Whoever may use the model: owner, admins, users who are not limited, and whom a capability covers for model.use on model.local",
    Needs.ADMIN: "Owner and admins",
}


def rights() -> str:
    """Return the page."""
    lines = [_INTRODUCTION, *_roles(), "", "Without an admin, and on the hub itself, one may only do:", ""]
    lines += [f"- `{action}`" for action in sorted(EVERYDAY)]
    lines += ["- what a capability of one's own names in full", ""]
    for needs, who in _NEEDS.items():
        lines += [f"## {who}", "", *_using(needs)]
    return "\n".join(lines).rstrip() + "\n"


def _roles() -> Iterable[str]:
    yield "| role | without capabilities | with capabilities | what lets somebody in or causes harm |"
    yield "|---|---|---|---|"
    for role, given in RIGHTS.items():
        yield f"| {role} | {_without(given)} | {_with(given)} | {_sensitive(given)} |"


def _without(given: Rights) -> str:
    if given.everything:
        return "everything, the hub included"
    return "sees everything, does everything but change the hub" if given.ungranted else "nothing"


def _with(given: Rights) -> str:
    return "(has none)" if given.everything else "that alone"


def _sensitive(given: Rights) -> str:
    return "yes" if given.sensitive else "where a capability names the action in full"


def _using(needs: Needs) -> Iterable[str]:
    app = application()
    routes = sorted(f"`{r.method} {r.path}`" for r in app[ROUTES] if (r.needs or Needs.ADMIN) is needs)
    commands = sorted(f"`{c.name}`" for c in app[COMMANDS].values() if (c.needs or Needs.ADMIN) is needs)
    events = sorted(f"`{type_}`" for type_, one in SUBSCRIPTIONS.items() if one.needs is needs)
    if needs is Needs.ADMIN:
        events = ["all others, and all at once"]
    for what, names in (("Routes", routes), ("Commands", commands), ("Events to follow", events)):
        if names:
            yield from (f"{what}: {', '.join(names)}.", "")
