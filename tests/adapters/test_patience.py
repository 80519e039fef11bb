"""Work that may wait, but not for ever."""

from __future__ import annotations

import asyncio

import pytest

from hub.adapters.patience import within


async def test_work_that_waits_for_nothing_returns_at_once() -> None:
    async def work() -> int:
        return 3

    assert await within(0, work()) == 3


async def test_work_that_waits_returns_what_it_found() -> None:
    async def work() -> list[int]:
        found = []
        for number in range(3):
            await asyncio.sleep(0)
            found.append(number)
        return found

    assert await within(10, work()) == [0, 1, 2]


async def test_work_hears_what_it_waited_for_fail() -> None:
    failing = asyncio.get_running_loop().create_future()

    async def work() -> str:
        try:
            await failing
        except ValueError as error:
            await asyncio.sleep(0)
            return str(error)
        return "nothing failed"

    failing.set_exception(ValueError("the device says no"))
    assert await within(10, work()) == "the device says no"


@pytest.mark.parametrize("waits_first", [True, False])
async def test_an_error_reaches_who_waits(waits_first: bool) -> None:
    async def work() -> None:
        if waits_first:
            await asyncio.sleep(0)
        raise KeyError("lamp")

    with pytest.raises(KeyError, match="lamp"):
        await within(10, work())


async def test_work_is_cancelled_when_its_time_is_up() -> None:
    cleaned_up = False

    async def work() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            cleaned_up = True

    with pytest.raises(TimeoutError):
        await within(0.01, work())
    assert cleaned_up


async def test_a_cancellation_reaches_the_work_and_its_caller() -> None:
    began, heard = asyncio.Event(), False

    async def work() -> None:
        nonlocal heard
        began.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            heard = True
            raise

    task = asyncio.get_running_loop().create_task(within(10, work()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard


async def test_a_timeout_of_the_works_own_is_its_own() -> None:
    async def work() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            return "gave up"
        return "an answer"

    assert await within(10, work()) == "gave up"
