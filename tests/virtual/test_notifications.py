from __future__ import annotations

import logging

import pytest

from hub.virtual import Update
from hub.virtual.notifications import MAX_KEPT
from tests.virtual.conftest import House, Houses


async def test_notifications_are_shown_replaced_and_dismissed(house: House) -> None:
    heard: list[tuple[Update, list[str]]] = []
    notifications = house.virtual.notifications
    notifications.listen(lambda update, rows: heard.append((update, list(rows))))
    await house.act("persistent_notification.create", message="wet", title="Cellar", notification_id="cellar")
    assert notifications.all()["cellar"] == {
        "notification_id": "cellar",
        "message": "wet",
        "title": "Cellar",
        "created_at": "2024-01-01T11:00:00.000000+00:00",
    }
    await house.act("persistent_notification.create", message="dry", notification_id="cellar")
    assert notifications.all()["cellar"]["message"] == "dry"
    await house.act("persistent_notification.dismiss", notification_id="cellar")
    await house.act("persistent_notification.dismiss", notification_id="cellar")
    assert heard == [(Update.ADDED, ["cellar"]), (Update.ADDED, ["cellar"]), (Update.REMOVED, ["cellar"])]


@pytest.mark.parametrize("action", ["notify.notify", "notify.persistent_notification"])
async def test_notify_ends_in_the_dashboard(house: House, action: str) -> None:
    await house.act(action, message="Hello", title="Hi", data={"notification_id": "one"})
    await house.act(action, message="again")
    rows = list(house.virtual.notifications.all().values())
    assert [(row["message"], row["title"]) for row in rows] == [("Hello", "Hi"), ("again", None)]
    assert rows[0]["notification_id"] == "one"
    await house.act("persistent_notification.dismiss_all")
    assert not house.virtual.notifications.all()


async def test_notifications_outlast_a_restart(houses: Houses) -> None:
    house = await houses()
    await house.act("persistent_notification.create", message="wet")
    before = house.virtual.notifications.all()
    again = await houses()
    assert again.virtual.notifications.all() == before


async def test_only_so_many_are_kept(house: House) -> None:
    for number in range(MAX_KEPT + 3):
        house.virtual.notifications.create(str(number))
    kept = [row["message"] for row in house.virtual.notifications.all().values()]
    assert (len(kept), kept[0]) == (MAX_KEPT, "3")


async def test_an_automation_s_words_go_into_the_logbook_and_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    words = {"name": "Hall", "message": "is lit", "entity_id": "light.lamp"}
    await house.act("logbook.log", **words)
    assert house.events[-1].type == "logbook_entry"
    assert house.events[-1].data == words
    with caplog.at_level(logging.INFO):
        await house.act("system_log.write", message="{{ odd }} %s", level="info", logger="my.automation")
    record = next(record for record in caplog.records if record.name == "my.automation")
    assert (record.levelname, record.getMessage()) == ("INFO", "{{ odd }} %s")
