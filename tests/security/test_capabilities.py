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
    ]
)
Asked = tuple[str, str | None]
LIGHT: Asked = ("light.turn_on", "light.hall")
UNLOCK: Asked = ("lock.unlock", "lock.door")
LOCK: Asked = ("lock.lock", "lock.door")
PUBLISH: Asked = ("mqtt.publish", None)
EVERYTHING = {LIGHT, UNLOCK, LOCK, PUBLISH}


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
        (Role.USER, {LIGHT, LOCK}),
        (Role.SERVICE, {LIGHT, LOCK}),
        (Role.GUEST, set()),
    ],
)
async def test_a_user_may_do_what_the_role_allows(
    auth: Auth, policy: Policy, registries: Registries, role: Role, expected: set[Asked]
) -> None:
    user = await auth.users.add(name="Bob", username="bob", password=None, role=role)
    assert allowed(policy, registries, Caller.user(user.user_id)) == expected


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
        (Role.USER, None, {LIGHT, LOCK}),
        (Role.GUEST, None, set()),
        (Role.OWNER, (Capability(action="*"),), {LIGHT, LOCK}),
        (Role.OWNER, (Capability(action="lock.*"), Capability(action="lock.unlock")), {LOCK, UNLOCK}),
        (Role.OWNER, (Capability(action="lock.unlock", entities=("lock.garage",)),), set()),
        (Role.OWNER, (Capability(action="mqtt.publish"),), {PUBLISH}),
        (Role.USER, (Capability(action="mqtt.publish"), Capability(action="lock.unlock")), set()),
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
    assert policy.refusal(Caller.user(bob.user_id), "lock.unlock", door) == (
        "Bob is user: lock.unlock is sensitive and needs the role admin"
    )
    hall = Caller(kind=CallerKind.AUTOMATION, id="automation.hall", capabilities=())
    assert (
        policy.refusal(hall, "lock.lock", door)
        == "automation.hall was granted no capability for lock.lock on lock.door"
    )
