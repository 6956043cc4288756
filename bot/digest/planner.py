"""What is due, composed and recorded: between here and Telegram stands only the outbox."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from bot.digest import digest
from bot.digest.composer import Composed, Composer, Styles
from bot.digest.delivery_records import Draft, Move
from bot.digest.outbox import Outbox
from bot.digest.schedule import Served, Sessions, day_ends, local_date, next_delivery, occurrence
from bot.digest.subscription import Place, Progress, Subscription
from bot.digest.subscription_store import Subscriptions
from retrieval.library import Library

BATCH = 400  # records in one transaction: the first go out while others are composed

Allowed = Callable[[int | None, int], bool]
"""Whether a person (where one is known) or the chat they follow in may use the bot."""


@dataclass(frozen=True, slots=True)
class Due:
    """The subscriptions of one place that are due at one moment: one message, or several where it is long."""

    place: Place
    at: datetime
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run did: deliveries recorded, topics that have fallen silent, topics that have not."""

    recorded: int
    silent: frozenset[str]
    lively: frozenset[str]


class Planner:
    """Its methods block."""

    def __init__(
        self,
        library: Library,
        subscriptions: Subscriptions,
        outbox: Outbox,
        styles: Styles,
        sessions: Sessions,
        allowed: Allowed = lambda *_: True,
    ) -> None:
        self.library, self.subscriptions, self.outbox = library, subscriptions, outbox
        self.styles, self.sessions = styles, sessions
        self._allowed = allowed

    def composer(self, now: datetime) -> Composer:
        return Composer(self.library, self.outbox, self.styles, now)

    def preview(self, now: datetime) -> Iterator[tuple[Due, Composed]]:
        """What a run would send at that time; changes nothing."""
        composer = self.composer(now)
        admitted = [one for one in self.subscriptions.due(now) if self._may(one)]
        for due in self._together(admitted, now):
            composed = composer.compose(due.subscriptions, local_date(due.at, _zone(due)))
            if composed.pages:
                yield due, composed

    def run(self, now: datetime) -> Planned:
        composer = self.composer(now)
        waiting: list[Draft] = []
        noted: list[Callable[[], object]] = []
        recorded, silent, lively = 0, set[str](), set[str]()
        due = self._admitted(self.subscriptions.due(now))
        for one in due:
            planned = self._occurrence(one, now)
            if planned is None or planned > now:
                noted.append(partial(self.subscriptions.put_off, one.id, one.next_at, planned))
        for group in self._together(due, now):
            composed = composer.compose(group.subscriptions, local_date(group.at, _zone(group)))
            for one, section in zip(group.subscriptions, composed.sections, strict=True):
                if section.silent:
                    noted.append(partial(self.subscriptions.note, one.id, one.news_at, silence_told=True))
                    silent.add(one.wanted.subject)
                elif section or section.repeats:
                    noted.append(partial(self.subscriptions.note, one.id, now, silence_told=False))
                    if one.wanted.kind == "topic":
                        lively.add(one.wanted.subject)
            if composed.pages:
                waiting.append(self._draft(group, composed, composer.last_seen, now))
            else:
                noted += self._passed(group, composer.last_seen, now)
            if len(waiting) + len(noted) >= BATCH:
                recorded += self._record(waiting, noted, now)
        recorded += self._record(waiting, noted, now)
        return Planned(recorded, frozenset(silent), frozenset(lively))

    def admits(self, subscriptions: Iterable[int]) -> bool:
        """Whether any of these is still there for somebody who may use the bot."""
        found = map(self.subscriptions.get, subscriptions)
        return any(one is not None and self._may(one) for one in found)

    def _record(self, waiting: list[Draft], noted: list[Callable[[], object]], now: datetime) -> int:
        """In one transaction, since each reaches the disk: the lists are empty afterwards."""
        with self.outbox.together():
            recorded = self.outbox.record(waiting, now)
            for note in noted:
                note()
        waiting.clear()
        noted.clear()
        return recorded

    def next_of(self, one: Subscription, now: datetime) -> datetime | None:
        return next_delivery(one.wanted.schedule, now, one.progress.served, self.sessions)

    def _admitted(self, due: Iterable[Subscription]) -> list[Subscription]:
        admitted = []
        for one in due:
            if self._may(one):
                admitted.append(one)
            else:
                self.subscriptions.pause([one.id], "access")
        return admitted

    def _may(self, one: Subscription) -> bool:
        return self._allowed(one.wanted.user, one.wanted.place.chat)

    def _occurrence(self, one: Subscription, now: datetime) -> datetime | None:
        if one.next_at is None:
            return None
        return occurrence(one.wanted.schedule, one.next_at, now, one.progress.served, self.sessions)

    def _together(self, due: Iterable[Subscription], now: datetime) -> Iterator[Due]:
        """Half past seven and six in the evening of one place are two, Beijing's half past seven and Tokyo's half
        past eight are one."""
        timed = [(one.wanted.place, at, one) for one in due if (at := self._occurrence(one, now)) and at <= now]
        timed.sort(key=lambda entry: (entry[1], entry[0].chat, entry[0].thread, entry[2].id))
        for (place, at), group in groupby(timed, key=lambda entry: (entry[0], entry[1])):
            yield Due(place, at, tuple(one for _, _, one in group))

    def _draft(self, due: Due, composed: Composed, last_seen: int, now: datetime) -> Draft:
        moves = []
        for one, section in zip(due.subscriptions, composed.sections, strict=True):
            told = digest.told_by(section)
            history = self.outbox.chapter(one.progress.history, told, now) if told else one.progress.history
            served = Served(due.at, local_date(due.at, one.wanted.schedule.zone))
            next_at = next_delivery(one.wanted.schedule, now, served, self.sessions)
            moves.append(Move(one, Progress(last_seen, history, served), next_at))
        first = due.subscriptions[0].wanted
        return Draft(
            "digest",
            due.place,
            first.language,
            all(one.wanted.quiet for one in due.subscriptions),
            due.at,
            day_ends(due.at, first.schedule.zone),
            local_date(due.at, first.schedule.zone).isoformat(),
            composed.pages,
            moves,
        )

    def _passed(self, due: Due, last_seen: int, now: datetime) -> Iterator[Callable[[], object]]:
        """Nothing is new, and the day is not served: what comes in until another time of it may be sent then."""
        for one in due.subscriptions:
            progress = replace(one.progress, mark=max(last_seen, one.progress.mark))
            yield partial(self.subscriptions.advance, one, progress, self.next_of(one, now))


def _zone(due: Due) -> str:
    return due.subscriptions[0].wanted.schedule.zone
