"""Who may send when, on a clock that jumps."""

import asyncio
from collections.abc import Iterable

import pytest

from bot.transport.send_scheduler import MAX_CHATS, Rate, SendLimits, SendScheduler
from tests.support.clock import in_no_time

FREE = Rate(0, 1)
NEVER = float("inf")


async def turns_of(chats: Iterable[int], limits: SendLimits) -> list[float]:
    """When each message could go, if all came at once."""
    scheduler, loop = SendScheduler(limits), asyncio.get_running_loop()
    start = loop.time()

    async def message(number: int, chat: int) -> float:
        await scheduler.wait(chat, 0, number, NEVER)
        return loop.time() - start

    return await asyncio.gather(*(message(number, chat) for number, chat in enumerate(chats)))


def test_a_person_gets_a_burst_then_one_a_second() -> None:
    times = in_no_time(lambda: turns_of([7] * 8, SendLimits(overall=FREE)))
    assert times == pytest.approx([0, 0, 0, 0, 0, 1, 2, 3])


def test_whoever_need_not_wait_does_not_overtake_those_who_do() -> None:
    @in_no_time
    async def order() -> list[int]:
        scheduler, found = SendScheduler(SendLimits(overall=Rate(1, 1))), list[int]()

        async def message(number: int, after: float) -> None:
            await asyncio.sleep(after)
            await scheduler.wait(number, 0, number, NEVER)
            found.append(number)

        await asyncio.gather(*(message(number, after) for number, after in ((1, 0), (2, 0), (3, 0), (4, 1.0), (5, 9))))
        return found

    assert order == [1, 2, 3, 4, 5]


def test_a_group_gets_twenty_in_any_minute() -> None:
    times = in_no_time(lambda: turns_of([-1007] * 60, SendLimits(overall=FREE)))
    assert all(sum(start <= time < start + 60 for time in times) <= 20 for start in times)
    assert times[-1] <= 60 * 4


def test_all_together_get_less_than_thirty_a_second() -> None:
    times = in_no_time(lambda: turns_of(range(1, 301), SendLimits()))
    assert all(sum(start <= time < start + 1 for time in times) <= 30 for start in times)
    assert times[-1] < 300 / 25


def test_chats_that_rest_are_forgotten() -> None:
    @in_no_time
    async def buckets() -> int:
        scheduler = SendScheduler(SendLimits(overall=FREE))
        for chat in range(1, MAX_CHATS + 1):
            await scheduler.wait(chat, 0, chat, NEVER)
        await asyncio.sleep(60)
        scheduler.close(1, 60)
        await scheduler.wait(MAX_CHATS + 1, 0, 0, NEVER)
        assert scheduler.closed_for(1) == 60
        return len(scheduler._buckets)

    assert buckets == 2
