"""The bridge in a process of its own."""

from __future__ import annotations

from hearth_home_assistant.testing import HomeAssistant
from integrations.home_assistant.tests.conftest import Bridged, act, ask, state_of


async def test_it_works_in_a_process_of_its_own(demo: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(demo, isolated=True) as running:
        await running.until(lambda: state_of(running, "light.bed_light") is not None)
        await act(running, "light.turn_on", entity_id="light.bed_light", brightness=77)
        await running.until(lambda: state_of(running, "light.bed_light") == "on")
        assert demo.ask("states/light.bed_light")["attributes"]["brightness"] == 77
        demo.ask("services/light/turn_off", {"entity_id": "light.bed_light"})
        await running.until(lambda: state_of(running, "light.bed_light") == "off")
        status, answer = await ask(running, "POST", "services/update/install", {"entity_id": "update.demo_no_update"})
        assert status != 200
        assert "No update available for update.demo_no_update" in str(answer)
        entity = running.hub.registries.entities.get("camera.demo_camera")
        assert entity is not None
        source = running.hub.supervisor.picture_source(entity.config_entry_id)
        assert source is not None
        picture = await source.picture(entity.unique_id)
        assert picture is not None
        assert picture.content_type == "image/jpeg"
