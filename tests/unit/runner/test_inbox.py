"""The events of one connection reach the app in order, and none is lost."""

from __future__ import annotations

import asyncio

from uvicorn_runner.inbox import Inbox


def test_events_are_read_in_order() -> None:
    async def read() -> list[int]:
        inbox: Inbox[int] = Inbox()
        for event in range(3):
            inbox.put_nowait(event)
        return [await inbox.get() for _ in range(3)]

    assert asyncio.run(read()) == [0, 1, 2]


def test_reader_waits_for_an_event() -> None:
    async def read() -> int:
        inbox: Inbox[int] = Inbox()
        reader = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        assert not reader.done()
        inbox.put_nowait(1)
        assert await reader == 1
        assert inbox.empty()
        return reader.result()

    assert asyncio.run(read()) == 1


def test_each_of_two_readers_gets_an_event() -> None:
    async def read() -> list[int]:
        inbox: Inbox[int] = Inbox()
        readers = [asyncio.create_task(inbox.get()) for _ in range(2)]
        await asyncio.sleep(0)
        inbox.put_nowait(1)
        inbox.put_nowait(2)
        return await asyncio.gather(*readers)

    assert sorted(asyncio.run(read())) == [1, 2]


def test_event_is_not_lost_with_a_reader_that_gives_up() -> None:
    async def read() -> int:
        inbox: Inbox[int] = Inbox()
        first, second = (asyncio.create_task(inbox.get()) for _ in range(2))
        await asyncio.sleep(0)
        inbox.put_nowait(1)  # wakes the first, which is cancelled before it runs
        first.cancel()
        return await asyncio.wait_for(second, 5)

    assert asyncio.run(read()) == 1


def test_reader_that_gave_up_takes_no_later_event() -> None:
    async def read() -> int:
        inbox: Inbox[int] = Inbox()
        gone = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        inbox.put_nowait(1)
        return await inbox.get()

    assert asyncio.run(read()) == 1
