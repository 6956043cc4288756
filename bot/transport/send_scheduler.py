"""Whose turn it is to send: a lane for each chat, and one pace for all of them together."""

import asyncio
import heapq
from dataclasses import dataclass, field

MAX_SLOWDOWN = 4.0  # times slower than its pace a chat becomes at most
SLOWED, RECOVERED = 1.5, 0.7  # per 429, per message that got through
MAX_CHATS = 10_000  # chats remembered before those that may send freely are forgotten: a few megabytes


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` messages at once, then one every `interval` seconds."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True)
class SendLimits:
    """Where a chat begins. Telegram names a message a second, 20 a minute in a group, about 30 a second in all."""

    private: Rate = Rate(1.0, 5)
    group: Rate = Rate(4.0, 6)  # at most 20 in any minute
    overall: Rate = Rate(1 / 28, 2)


UNLIMITED = SendLimits(Rate(0, 1), Rate(0, 1), Rate(0, 1))


@dataclass(order=True, slots=True)
class QueuedSend:
    """Sorts by urgency, then by age."""

    priority: int
    number: int
    turn: asyncio.Future[None] = field(compare=False)


class ChatBucket:
    """A leaky bucket that Telegram's 429s slow down or close. All times are the loop's."""

    def __init__(self, pace: Rate) -> None:
        self.waiting: list[QueuedSend] = []
        self._pace = pace
        self._slow = 1.0
        self._level = 0.0  # the time at which the bucket will have run empty
        self._closed_until = 0.0

    @property
    def opens(self) -> float:
        return max(self._closed_until, self._level - (self._pace.burst - 1) * self._pace.interval)

    def take(self, now: float) -> None:
        self._level = max(self._level, now) + self._pace.interval * self._slow

    def close_until(self, time: float) -> None:
        self._closed_until = max(self._closed_until, time)
        self._slow = min(MAX_SLOWDOWN, self._slow * SLOWED)

    def passed(self) -> None:
        self._slow = max(1.0, self._slow * RECOVERED)

    def idle(self, now: float) -> bool:
        return not self.waiting and max(self._level, self._closed_until) < now and self._slow == 1.0

    def first(self) -> QueuedSend | None:
        while self.waiting and self.waiting[0].turn.done():  # who waited has given up
            heapq.heappop(self.waiting)
        return self.waiting[0] if self.waiting else None


class SendScheduler:
    def __init__(self, limits: SendLimits) -> None:
        self._limits = limits
        self._overall = ChatBucket(limits.overall)
        self._lanes: dict[int | str, ChatBucket] = {}
        self._busy: dict[int | str, ChatBucket] = {}  # those where somebody waits
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, chat: int | str, priority: int, number: int, deadline: float) -> None:
        """Until it is one's turn; TimeoutError at the deadline. Of one chat's waiters the lowest number goes first."""
        loop = asyncio.get_running_loop()
        lane = self._lane(chat)
        waiter = QueuedSend(priority, number, loop.create_future())
        heapq.heappush(lane.waiting, waiter)
        self._busy[chat] = lane
        self._release()
        async with asyncio.timeout_at(deadline):
            await waiter.turn

    def tight(self, chat: int | str) -> bool:
        """A message to this chat would have to wait, or another one does."""
        now = asyncio.get_running_loop().time()
        return bool(self._busy) or self._lane(chat).opens > now or self._overall.opens > now

    def closed_for(self, chat: int | str) -> float:
        return max(0.0, self._lane(chat).opens - asyncio.get_running_loop().time())

    def close(self, chat: int | str, seconds: float) -> None:
        self._lane(chat).close_until(asyncio.get_running_loop().time() + seconds)

    def passed(self, chat: int | str) -> None:
        self._lane(chat).passed()

    def give_up(self, error: Exception) -> None:
        """Whoever waits gets `error` instead of a turn."""
        for lane in self._busy.values():
            for waiter in lane.waiting:
                if not waiter.turn.done():
                    waiter.turn.set_exception(error)

    def _lane(self, chat: int | str) -> ChatBucket:
        if chat not in self._lanes:
            if len(self._lanes) >= MAX_CHATS:
                now = asyncio.get_running_loop().time()
                self._lanes = {one: lane for one, lane in self._lanes.items() if not lane.idle(now)}
            # Groups have negative ids; whoever has none but a name is a channel.
            private = isinstance(chat, int) and chat > 0
            self._lanes[chat] = ChatBucket(self._limits.private if private else self._limits.group)
        return self._lanes[chat]

    def _release(self) -> None:
        """Lets go all who may go now, the most urgent first, and comes back when the next one may."""
        loop = asyncio.get_running_loop()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._busy:
            self._busy = {chat: lane for chat, lane in self._busy.items() if lane.first()}
            now = loop.time()
            opens = max(self._overall.opens, min((lane.opens for lane in self._busy.values()), default=0.0))
            if opens > now:
                self._timer = loop.call_at(opens, self._release)
                return
            ready = [(waiter, lane) for lane in self._busy.values() if lane.opens <= now and (waiter := lane.first())]
            if not ready:
                return
            waiter, lane = min(ready, key=lambda one: one[0])
            heapq.heappop(lane.waiting)
            lane.take(now)
            self._overall.take(now)
            waiter.turn.set_result(None)
