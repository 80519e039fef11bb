from __future__ import annotations

import pytest

from hub import EntityDescription
from hub.adapters.naming import suggested_object_id


@pytest.mark.parametrize(
    ("name", "has_entity_name", "object_id", "device_name", "expected"),
    [
        ("Power", True, None, "Lamp", "Lamp Power"),
        ("Power", False, None, "Lamp", "Power"),
        (None, True, None, "Lamp", "Lamp"),
        (None, True, None, None, "mqtt_u1"),
        ("Lamp power", True, None, "Lamp", "Lamp Lamp power"),
        ("Power", True, "light.desk_1", "Lamp", "desk_1"),
        ("Power", True, "desk_1", "Lamp", "desk_1"),
        ("", True, None, "Lamp", "Lamp"),
        (None, False, None, "Lamp", "mqtt_u1"),
    ],
)
def test_the_object_id_comes_from_the_names(
    name: str | None, has_entity_name: bool, object_id: str | None, device_name: str | None, expected: str
) -> None:
    description = EntityDescription(
        domain="light", unique_id="u1", name=name, has_entity_name=has_entity_name, object_id=object_id
    )
    assert suggested_object_id(description, device_name, integration="mqtt") == expected
