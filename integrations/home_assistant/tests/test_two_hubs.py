"""A Hearth at the other end: it speaks as Home Assistant does, and nothing may go round in circles."""

from __future__ import annotations

from pathlib import Path

from hub.testing import RunningHub, running_hub
from integrations.home_assistant.tests.conftest import health_of


def bridge(running: RunningHub, other: RunningHub) -> None:
    """Bring the entities of ``other`` to ``running``."""
    data = {"url": other.url, "token": other.token, "exclude": ["sun.*", "zone.*"]}
    running.hub.entries.create("home_assistant", "The other", data)


def own(running: RunningHub) -> set[str | None]:
    """Enable what the hub's own integrations made, and return their names."""
    entities = running.hub.registries.entities
    made = [entity for entity in entities if entity.integration == "mqtt"]
    return {entities.update(entity.entity_id, disabled_by=None).original_name for entity in made}


def brought(running: RunningHub) -> set[str | None]:
    entities = running.hub.registries.entities
    return {entity.original_name for entity in entities if entity.integration == "home_assistant"}


async def test_two_hubs_bridge_each_other_and_bring_nothing_back(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir(mode=0o700)
    async with running_hub(folders[0]) as one, running_hub(folders[1]) as two:
        names = own(one) | own(two)
        bridge(one, two)
        await one.until(lambda: names <= brought(one))
        bridge(two, one)
        await two.until(lambda: names <= brought(two))
        assert brought(one) == brought(two) == {*names, "Entities left out"}


async def test_a_hub_is_not_bridged_to_itself(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir(mode=0o700)
    async with running_hub(tmp_path / "hub") as running:
        bridge(running, running)
        await running.until(lambda: "got this one itself" in str(health_of(running)[1]))
        assert brought(running) == set()
