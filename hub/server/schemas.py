"""JSON Schema of what the REST API speaks of: Home Assistant's states, contexts, events and flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.server.route import Schema

ENTITY_ID: Schema = {
    "type": "string",
    "pattern": r"^[a-z0-9]+(_[a-z0-9]+)*\.[a-z0-9]+(_[a-z0-9]+)*$",
    "maxLength": 255,
    "examples": ["light.kitchen"],
}
SLUG: Schema = {"type": "string", "pattern": "^[a-z0-9_]+$", "maxLength": 64}
TIME: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {"type": "object"}
STRING: Schema = {"type": "string"}
NULLABLE: Schema = {"type": ["string", "null"]}


def ref(name: str) -> Schema:
    """Return a reference to one of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema) -> Schema:
    """Return a list of such items."""
    return {"type": "array", "items": items}


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """Return an object with these properties; others may follow."""
    return {"type": "object", "properties": {**required, **optional}, "required": list(required)}


_STATE = record(
    {
        "entity_id": STRING,
        "state": STRING,
        "attributes": ANYTHING,
        "last_changed": TIME,
        "last_reported": TIME,
        "last_updated": TIME,
        "context": ref("Context"),
    }
)
COMPONENTS: Mapping[str, Any] = {
    "Context": record({"id": STRING, "parent_id": NULLABLE, "user_id": NULLABLE}),
    "Error": record({"message": STRING}, key=STRING, path=array({"type": ["string", "integer"]})),
    "Flow": record({"type": {"enum": ["form", "create_entry", "abort"]}}, flow_id=STRING, errors=ANYTHING),
    "LogbookEntry": record(
        {"when": TIME, "name": STRING}, message=STRING, entity_id=STRING, state=STRING, domain=STRING, icon=STRING
    ),
    "Message": record({"message": STRING}),
    "OpenAIError": record({"error": record({"message": STRING, "type": STRING}, param=NULLABLE, code=NULLABLE)}),
    "State": _STATE,
}
