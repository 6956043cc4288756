"""Schedules sends: a leaky bucket for each chat and one for all together; the most urgent waiting send goes first."""

import asyncio
import heapq
from dataclasses import dataclass, field

MAX_SLOWDOWN = 4.0  # factor on a chat's interval
SLOWDOWN_FACTOR, RECOVERY_FACTOR = 1.5, 0.7  # per 429, per success
MAX_CHATS = 10_000  # remembered before idle ones are forgotten: a few megabytes


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` messages at once, then one every `interval` seconds."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True)
class SendLimits:
    """Initial limits. Telegram names one message a second, 20 a minute in a group, about 30 a second in all.

    https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    """

    private: Rate = Rate(1.0, 5)
    group: Rate = Rate(4.0, 6)  # at most 20 in any minute
    overall: Rate = Rate(1 / 28, 2)


UNLIMITED = SendLimits(Rate(0, 1), Rate(0, 1), Rate(0, 1))


@dataclass(order=True, slots=True)
class QueuedSend:
    """Sorts by urgency, then age."""

    priority: int
    number: int
    turn: asyncio.Future[None] = field(compare=False)


class ChatBucket:
    """A leaky bucket that 429s slow down or close. All times are the event loop's."""

    def __init__(self, rate: Rate) -> None:
        self.waiting: list[QueuedSend] = []
        self._rate = rate
        self._slowdown = 1.0
        self._level = 0.0  # the time at which the bucket will be empty
        self._closed_until = 0.0

    @property
    def opens(self) -> float:
        return max(self._closed_until, self._level - (self._rate.burst - 1) * self._rate.interval)

    def take(self, now: float) -> None:
        self._level = max(self._level, now) + self._rate.interval * self._slowdown

    def close_until(self, time: float) -> None:
        self._closed_until = max(self._closed_until, time)
        self._slowdown = min(MAX_SLOWDOWN, self._slowdown * SLOWDOWN_FACTOR)

    def passed(self) -> None:
        self._slowdown = max(1.0, self._slowdown * RECOVERY_FACTOR)

    def idle(self, now: float) -> bool:
        return not self.waiting and max(self._level, self._closed_until) < now and self._slowdown == 1.0

    def first(self) -> QueuedSend | None:
        while self.waiting and self.waiting[0].turn.done():  # timed out or cancelled
            heapq.heappop(self.waiting)
        return self.waiting[0] if self.waiting else None


class SendScheduler:
    def __init__(self, limits: SendLimits) -> None:
        self._limits = limits
        self._overall = ChatBucket(limits.overall)
        self._buckets: dict[int | str, ChatBucket] = {}
        self._busy: dict[int | str, ChatBucket] = {}  # those with waiting sends
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, chat: int | str, priority: int, number: int, deadline: float) -> None:
        """Waits for this send's turn; TimeoutError at the deadline. The lowest priority, then number, goes first."""
        bucket, now = self._bucket(chat), asyncio.get_running_loop().time()
        if not self._busy and bucket.opens <= now and self._overall.opens <= now:
            self._take(bucket, now)
            return
        queued = QueuedSend(priority, number, asyncio.get_running_loop().create_future())
        heapq.heappush(bucket.waiting, queued)
        self._busy[chat] = bucket
        self._release()
        async with asyncio.timeout_at(deadline):
            await queued.turn

    def tight(self, chat: int | str) -> bool:
        """Whether a message to this chat would have to wait, or another one does."""
        now = asyncio.get_running_loop().time()
        return bool(self._busy) or self._bucket(chat).opens > now or self._overall.opens > now

    def closed_for(self, chat: int | str) -> float:
        return max(0.0, self._bucket(chat).opens - asyncio.get_running_loop().time())

    def close(self, chat: int | str, seconds: float) -> None:
        self._bucket(chat).close_until(asyncio.get_running_loop().time() + seconds)

    def passed(self, chat: int | str) -> None:
        self._bucket(chat).passed()

    def give_up(self, error: Exception) -> None:
        for bucket in self._busy.values():
            for queued in bucket.waiting:
                if not queued.turn.done():
                    queued.turn.set_exception(error)

    def _bucket(self, chat: int | str) -> ChatBucket:
        if chat not in self._buckets:
            if len(self._buckets) >= MAX_CHATS:
                now = asyncio.get_running_loop().time()
                self._buckets = {id: bucket for id, bucket in self._buckets.items() if not bucket.idle(now)}
            # Groups have negative ids, and a chat given by name is a channel.
            private = isinstance(chat, int) and chat > 0
            self._buckets[chat] = ChatBucket(self._limits.private if private else self._limits.group)
        return self._buckets[chat]

    def _release(self) -> None:
        """Releases all sends whose turn it is, the most urgent first, and schedules itself for the next one."""
        loop = asyncio.get_running_loop()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._busy:
            self._busy = {chat: bucket for chat, bucket in self._busy.items() if bucket.first()}
            now = loop.time()
            opens = max(self._overall.opens, min((bucket.opens for bucket in self._busy.values()), default=0.0))
            if opens > now:
                self._timer = loop.call_at(opens, self._release)
                return
            ready = [
                (first, bucket) for bucket in self._busy.values() if bucket.opens <= now and (first := bucket.first())
            ]
            if not ready:
                return
            queued, bucket = min(ready, key=lambda pair: pair[0])
            heapq.heappop(bucket.waiting)
            self._take(bucket, now)
            queued.turn.set_result(None)

    def _take(self, bucket: ChatBucket, now: float) -> None:
        bucket.take(now)
        self._overall.take(now)
