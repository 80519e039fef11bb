"""HomeAssistantAPI 6.1.0 against a hub: REST and WebSocket, with and without asyncio. Prints what it met as JSON.

It runs in an environment of its own: its HTTP library puts itself in the place of urllib3.
"""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from http import HTTPMethod
from typing import Any

from homeassistant_api import (  # type: ignore[import-not-found] # in an environment of its own
    AsyncClient,
    AsyncWebsocketClient,
    Client,
    State,
    WebsocketClient,
)
from homeassistant_api.errors import HomeassistantAPIError  # type: ignore[import-not-found]

URL, TOKEN, LIGHT, SENSOR, AUTOMATION = (
    os.environ[key] for key in ("HUB_URL", "HUB_TOKEN", "LIGHT", "SENSOR", "AUTOMATION")
)
REST, SOCKET = f"{URL}/api", f"{URL.replace('http', 'ws', 1)}/api/websocket"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def raised(call: Any, *args: Any, **kwargs: Any) -> str:
    try:
        call(*args, **kwargs)
    except HomeassistantAPIError as error:
        return type(error).__name__
    return "nothing"


def rest() -> dict[str, Any]:
    with Client(REST, TOKEN) as client:
        light = client.get_entity(entity_id=LIGHT)
        assert light is not None
        history = light.get_history(start_timestamp=YESTERDAY)
        changed = client.trigger_service("automation", "toggle", entity_id=AUTOMATION)
        made = client.set_state(State(entity_id="sensor.made_by_rest", state="1"))
        domain = client.get_domain("light")
        return {
            "running": client.check_api_running(),
            "valid": client.check_api_config(),
            "config": client.get_config()["state"],
            "components": "mqtt" in client.get_components(),
            "states": len(client.get_states()) > 40,
            "groups": sorted({"light", "sensor"} & set(client.get_entities())),
            "history": history is not None and history.entity_id == LIGHT,
            "logbook": isinstance(list(client.get_logbook_entries(start_timestamp=YESTERDAY)), list),
            "changed": AUTOMATION in [state.entity_id for state in changed],
            "made": (made.entity_id, made.state, client.get_state(entity_id=made.entity_id).state),
            "services": domain is not None and "turn_on" in domain.services,
            "domains": len(client.get_domains()) > 10,
            "events": "entity_registry_updated" in [event.event for event in client.get_events()],
            "fired": client.fire_event("from_rest", n=1),
            "template": client.get_rendered_template(f"{{{{ states('{SENSOR}') | float > -50 }}}}"),
            "log": isinstance(client.get_error_log(), str),
            "missing": raised(client.get_state, entity_id="light.nobody_has"),
            "unknown": raised(client.trigger_service, "light", "fly"),
            "broken": raised(client.get_rendered_template, "{{ 1 +"),
        }


def socket() -> dict[str, Any]:
    with WebsocketClient(SOCKET, TOKEN) as client:
        flows = client.get_nonuser_flows_in_progress()
        with Client(REST, TOKEN) as web:
            web.request(f"config/config_entries/flow/{flows[0].flow_id}", method=HTTPMethod.POST, json={})
        entry = client.get_entity_registry_entry(LIGHT)
        named = client.update_entity_registry_entry({"entity_id": LIGHT, "name": "Renamed"})
        client.update_entity_registry_entry({"entity_id": LIGHT, "name": entry.name})
        mine = next(entry for entry in client.get_config_entries() if entry.domain == "demo")
        disabled = client.disable_config_entry(mine.entry_id)
        states = {entry.entry_id: str(entry.state) for entry in client.get_config_entries()}
        client.enable_config_entry(mine.entry_id)
        with client.listen_events("from_socket") as events:
            context = client.fire_event("from_socket", n=2)
            event = next(iter(events))
        with client.listen_trigger("event", event_type="for_trigger") as triggers:
            client.fire_event("for_trigger")
            trigger = next(iter(triggers))
        with client.listen_config_entries() as changes:
            first = next(iter(changes))
        client.trigger_service("light", "toggle", entity_id=LIGHT)
        return {
            "config": client.get_config()["state"],
            "states": len(client.get_states()) > 40,
            "light": client.get_entity(entity_id=LIGHT) is not None,
            "domains": len(client.get_domains()) > 10,
            "ping": client.ping_latency() >= 0,
            "template": client.get_rendered_template("{{ 1 + 1 }}"),
            "registry": LIGHT in [entry.entity_id for entry in client.list_entity_registry()],
            "named": named.entity_entry.name,
            "disabled": (disabled.require_restart, states[mine.entry_id].rpartition(".")[2]),
            "subentries": len(client.get_entry_subentries(mine.entry_id)),
            "subentry": raised(client.delete_entry_subentry, mine.entry_id, "none"),
            "flows": [flow.handler for flow in flows],
            "event": (event.event_type, event.data, event.context.id == context.id if event.context else None),
            "trigger": trigger["trigger"]["platform"],
            "entries": sorted({change.entry.domain for change in first} & {"demo", "mqtt"}),
            "unknown": raised(client.trigger_service, "light", "fly"),
        }


async def asynchronous() -> dict[str, Any]:
    async with AsyncClient(REST, TOKEN) as client:
        changed = await client.trigger_service("automation", "toggle", entity_id=AUTOMATION)
        found = {
            "running": await client.check_api_running(),
            "state": (await client.get_state(entity_id=LIGHT)).entity_id,
            "changed": AUTOMATION in [state.entity_id for state in changed],
            "logbook": len([entry async for entry in client.get_logbook_entries(start_timestamp=YESTERDAY)]) > 0,
        }
    async with AsyncWebsocketClient(SOCKET, TOKEN) as websocket:
        async with websocket.listen_events("from_async") as events:
            await websocket.fire_event("from_async", n=3)
            async for event in events:
                found["event"] = event.data
                break
        found["config"] = (await websocket.get_config())["state"]
    return found


found = {"rest": rest(), "socket": socket(), "asynchronous": asyncio.run(asynchronous())}
print(json.dumps(found))  # noqa: T201 - it is how the test hears of it
