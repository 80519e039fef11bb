from __future__ import annotations

from pathlib import Path

import pytest

from hub.config.store import JsonStores
from hub.core.actions import ActionDescription, ActionTable
from hub.core.bus import EventBus
from hub.core.callers import SYSTEM, Caller, CallerKind, Capability
from hub.core.clock import SimulatedClock
from hub.core.registry import Entity, Registries
from hub.security import Auth, Policy, Role

TABLE = ActionTable(
    [
        ActionDescription(domain="light", name="turn_on"),
        ActionDescription(domain="lock", name="lock"),
        ActionDescription(domain="lock", name="unlock", sensitive=True),
        ActionDescription(domain="mqtt", name="publish", entity=False),
        ActionDescription(domain="persistent_notification", name="dismiss", entity=False),
    ]
)
Asked = tuple[str, str | None]
LIGHT: Asked = ("light.turn_on", "light.hall")
UNLOCK: Asked = ("lock.unlock", "lock.door")
LOCK: Asked = ("lock.lock", "lock.door")
PUBLISH: Asked = ("mqtt.publish", None)
DISMISS: Asked = ("persistent_notification.dismiss", None)
EVERYTHING = {LIGHT, UNLOCK, LOCK, PUBLISH, DISMISS}


@pytest.fixture
async def registries(tmp_path: Path, clock: SimulatedClock) -> Registries:
    opened = Registries.open(JsonStores(tmp_path / "stores").store, EventBus(), clock)
    area = opened.areas.ensure("Hall")
    for domain, name in (("light", "hall"), ("lock", "door")):
        opened.entities.ensure(
            integration="demo",
            unique_id=name,
            domain=domain,
            suggested=name,
            area_id=area.area_id if name == "hall" else None,
        )
    return opened


@pytest.fixture
async def policy(auth: Auth, registries: Registries) -> Policy:
    return Policy(auth.users, registries, TABLE)


def allowed(policy: Policy, registries: Registries, caller: Caller) -> set[Asked]:
    def entity(entity_id: str | None) -> Entity | None:
        return registries.entities.get(entity_id)

    return {asked for asked in EVERYTHING if policy.refusal(caller, asked[0], entity(asked[1])) is None}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.OWNER, EVERYTHING),
        (Role.ADMIN, EVERYTHING),
        (Role.USER, {LIGHT, LOCK, UNLOCK, DISMISS}),
        (Role.SERVICE, set()),
        (Role.GUEST, set()),
    ],
)
async def test_a_user_may_do_what_the_role_allows(
    auth: Auth, policy: Policy, registries: Registries, role: Role, expected: set[Asked]
) -> None:
    user = await auth.users.add(name="Bob", username="bob", password=None, role=role)
    assert allowed(policy, registries, Caller.user(user.user_id)) == expected


@pytest.mark.parametrize(
    ("role", "grants", "expected"),
    [
        (Role.USER, (), set()),
        (Role.USER, (Capability(areas=("hall",)),), {LIGHT}),
        (Role.USER, (Capability(domains=("lock",)),), {LOCK, UNLOCK}),
        (Role.USER, (Capability(action=""),), set()),
        (Role.GUEST, (Capability(),), {LIGHT, LOCK, DISMISS}),
        (Role.GUEST, (Capability(action=""),), set()),
        (Role.GUEST, (Capability(areas=("hall",)),), {LIGHT}),
        (Role.GUEST, (Capability(action="lock.*"),), {LOCK}),
        (Role.GUEST, (Capability(action="lock.unlock"),), {UNLOCK}),
        (Role.GUEST, (Capability(action="lock.unlock", areas=("hall",)),), set()),
        (Role.SERVICE, (Capability(action="light.*"), Capability(action="mqtt.publish")), {LIGHT, PUBLISH}),
        (Role.SERVICE, (Capability(action="mqtt.*"),), set()),
        (Role.SERVICE, (Capability(action="mqtt.publish", domains=("light",)),), set()),
    ],
)
async def test_a_grant_is_what_its_user_may_do_and_sensitive_acts_have_to_be_named(
    auth: Auth,
    policy: Policy,
    registries: Registries,
    role: Role,
    grants: tuple[Capability, ...],
    expected: set[Asked],
) -> None:
    user = await auth.users.add(name="Bob", username=None, password=None, role=role, capabilities=grants)
    assert allowed(policy, registries, Caller.user(user.user_id)) == expected


@pytest.mark.parametrize(
    ("role", "grants", "expected", "house"),
    [
        (Role.OWNER, None, {"light.hall", "lock.door", "sun.sun"}, True),
        (Role.ADMIN, None, {"light.hall", "lock.door", "sun.sun"}, True),
        (Role.USER, None, {"light.hall", "lock.door", "sun.sun"}, True),
        (Role.USER, (Capability(areas=("hall",)),), {"light.hall"}, False),
        (Role.GUEST, None, set(), False),
        (Role.GUEST, (Capability(action="", domains=("lock", "sun")),), {"lock.door", "sun.sun"}, False),
        (Role.GUEST, (Capability(),), {"light.hall", "lock.door", "sun.sun"}, False),
        (Role.GUEST, (Capability(entities=("l*.*",)), Capability(entities=("sun.sun",))), {"light.hall", "lock.door", "sun.sun"}, False),
        (Role.SERVICE, None, set(), False),
        (Role.SERVICE, (Capability(action="light.*"),), {"light.hall", "lock.door", "sun.sun"}, True),
    ],
)  # fmt: skip
async def test_somebody_sees_what_their_grants_are_about(
    auth: Auth,
    policy: Policy,
    registries: Registries,
    role: Role,
    grants: tuple[Capability, ...] | None,
    expected: set[str],
    house: bool,
) -> None:
    user = await auth.users.add(name="Bob", username=None, password=None, role=role, capabilities=grants)
    sight = policy.sight(user.user_id)
    ids = ("light.hall", "lock.door", "sun.sun")
    assert ({id_ for id_ in ids if sight.sees(id_)}, sight.house) == (expected, house)
    assert {id_ for id_ in ids if policy.sees(Caller.user(user.user_id), id_)} == expected


async def test_what_is_seen_follows_an_entity_to_another_area(
    auth: Auth, policy: Policy, registries: Registries
) -> None:
    grants = (Capability(areas=("hall",)),)
    guest = await auth.users.add(name="Eve", username=None, password=None, role=Role.GUEST, capabilities=grants)
    sight = policy.sight(guest.user_id)
    assert (sight.sees("lock.door"), sight.entities()) == (False, {"light.hall"})
    registries.entities.update("lock.door", area_id="hall")
    registries.entities.update("light.hall", area_id=None)
    assert (sight.sees("lock.door"), sight.entities()) == (True, {"lock.door"})
    assert "hall" in sight.areas()


async def test_who_is_out_of_action_sees_nothing(auth: Auth, policy: Policy) -> None:
    bob = await auth.users.add(name="Bob", username="bob", password=None)
    await auth.set_active(bob.user_id, False)
    for user_id in (bob.user_id, "unknown", None):
        assert not policy.sight(user_id).sees("light.hall")
        assert not policy.sight(user_id).house


async def test_nobody_may_do_nothing(auth: Auth, policy: Policy, registries: Registries, owner_id: str) -> None:
    bob = await auth.users.add(name="Bob", username="bob", password=None, role=Role.ADMIN)
    await auth.set_active(bob.user_id, False)
    for user_id in ("unknown", "", bob.user_id):
        assert allowed(policy, registries, Caller.user(user_id)) == set()


async def test_a_role_is_looked_up_and_not_taken_from_the_caller(policy: Policy, registries: Registries) -> None:
    pretender = Caller(kind=CallerKind.USER, id="owner", user_id=None, capabilities=(Capability(action="*"),))
    assert allowed(policy, registries, pretender) == set()


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        (None, EVERYTHING),
        ((), set()),
        ((Capability(action="light.*"),), {LIGHT}),
        ((Capability(action="*", areas=("hall",)),), {LIGHT}),
        ((Capability(action="*", domains=("lock",)),), {LOCK, UNLOCK}),
        ((Capability(action="*", entities=("light.*",)), Capability(action="lock.lock")), {LIGHT, LOCK}),
        ((Capability(action="mqtt.*"),), {PUBLISH}),
        ((Capability(action="*"),), EVERYTHING),
    ],
)
async def test_an_automation_is_bounded_by_what_it_declares(
    policy: Policy, registries: Registries, capabilities: tuple[Capability, ...] | None, expected: set[Asked]
) -> None:
    caller = Caller(kind=CallerKind.AUTOMATION, id="automation.hall", capabilities=capabilities)
    assert allowed(policy, registries, caller) == expected


@pytest.mark.parametrize(
    ("role", "capabilities", "expected"),
    [
        (Role.OWNER, None, {LIGHT, LOCK, UNLOCK}),
        (Role.USER, None, {LIGHT, LOCK, UNLOCK}),
        (Role.GUEST, None, set()),
        (Role.OWNER, (Capability(action="*"),), {LIGHT, LOCK}),
        (Role.OWNER, (Capability(action="lock.*"), Capability(action="lock.unlock")), {LOCK, UNLOCK}),
        (Role.OWNER, (Capability(action="lock.unlock", entities=("lock.garage",)),), set()),
        (Role.OWNER, (Capability(action="mqtt.publish"),), {PUBLISH}),
        (Role.USER, (Capability(action="mqtt.publish"), Capability(action="lock.unlock")), {UNLOCK}),
        (Role.GUEST, (Capability(action="light.turn_on"),), set()),
        (None, None, set()),
        (None, (Capability(action="light.*"),), {LIGHT}),
        (None, (Capability(action="*"),), {LIGHT, LOCK}),
    ],
)
async def test_an_agent_may_do_what_both_its_user_and_its_step_may(
    auth: Auth,
    policy: Policy,
    registries: Registries,
    role: Role | None,
    capabilities: tuple[Capability, ...] | None,
    expected: set[Asked],
) -> None:
    user_id = None
    if role is not None:
        user_id = (await auth.users.add(name="Bob", username="bob", password=None, role=role)).user_id
    caller = Caller(kind=CallerKind.AGENT, id="agent", user_id=user_id, capabilities=capabilities)
    assert allowed(policy, registries, caller) == expected


async def test_an_integration_keeps_to_its_own(policy: Policy, registries: Registries) -> None:
    assert allowed(policy, registries, Caller(kind=CallerKind.INTEGRATION, id="demo")) == {LIGHT, LOCK, UNLOCK}
    assert allowed(policy, registries, Caller(kind=CallerKind.INTEGRATION, id="mqtt")) == {PUBLISH}
    granted = (Capability(action="light.*"),)
    caller = Caller(kind=CallerKind.INTEGRATION, id="mqtt", capabilities=granted)
    assert allowed(policy, registries, caller) == {LIGHT}


async def test_the_hub_itself_may_do_everything(policy: Policy, registries: Registries) -> None:
    assert allowed(policy, registries, SYSTEM) == EVERYTHING


async def test_a_refusal_says_what_is_missing(auth: Auth, policy: Policy, registries: Registries) -> None:
    bob = await auth.users.add(name="Bob", username="bob", password=None, role=Role.USER)
    door = registries.entities.get("lock.door")
    assert policy.refusal(Caller.user(bob.user_id), "mqtt.publish", None) == (
        "Bob is user: mqtt.publish acts on the hub itself and needs the role admin, or a capability that names it"
    )
    await auth.users.update(bob.user_id, role=Role.GUEST, capabilities=(Capability(action="*"),))
    assert policy.refusal(Caller.user(bob.user_id), "lock.unlock", door) == (
        "Bob is guest: lock.unlock is sensitive and needs a capability that names it"
    )
    hall = Caller(kind=CallerKind.AUTOMATION, id="automation.hall", capabilities=())
    assert (
        policy.refusal(hall, "lock.lock", door)
        == "automation.hall was granted no capability for lock.lock on lock.door"
    )
