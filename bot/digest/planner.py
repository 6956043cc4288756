"""What is due, composed and recorded: between here and Telegram stands only the outbox."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from bot.digest import digest
from bot.digest.composer import ComposedDigest, ContextFor, DigestComposer
from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.outbox import Outbox
from bot.digest.schedule import LastDelivery, Sessions, day_ends, local_date, next_delivery, occurrence
from bot.digest.subscription import Cursor, Destination, Subscription
from bot.digest.subscription_store import SubscriptionStore
from retrieval.library import Library

BATCH_SUBSCRIPTIONS = 400  # records in one transaction: the first go out while others are composed

IsAllowed = Callable[[int | None, int], bool]
"""Whether a person (where one is known) or the chat they follow in may use the bot."""


@dataclass(frozen=True, slots=True)
class DueDigest:
    """The subscriptions of one place that are due at one moment: one message, or several where it is long."""

    place: Destination
    at: datetime
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a run did: deliveries recorded, topics that have fallen silent, topics that have not."""

    recorded: int
    silent: frozenset[str]
    lively: frozenset[str]


class DigestPlanner:
    """Its methods block."""

    def __init__(
        self,
        library: Library,
        subscriptions: SubscriptionStore,
        outbox: Outbox,
        styles: ContextFor,
        sessions: Sessions,
        allowed: IsAllowed = lambda *_: True,
    ) -> None:
        self.library, self.subscriptions, self.outbox = library, subscriptions, outbox
        self.styles, self.sessions = styles, sessions
        self._allowed = allowed

    def composer(self, now: datetime) -> DigestComposer:
        return DigestComposer(self.library, self.outbox, self.styles, now)

    def preview(self, now: datetime) -> Iterator[tuple[DueDigest, ComposedDigest]]:
        """What a run would send at that time; changes nothing."""
        composer = self.composer(now)
        admitted = [one for one in self.subscriptions.due(now) if self._may(one)]
        for due in self._together(admitted, now):
            composed = composer.compose(due.subscriptions, local_date(due.at, _zone(due)))
            if composed.pages:
                yield due, composed

    def run(self, now: datetime) -> PlanReport:
        composer = self.composer(now)
        waiting: list[DeliveryDraft] = []
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
                    noted.append(partial(self.subscriptions.record_news_time, one.id, one.news_at, silence_told=True))
                    silent.add(one.spec.subject)
                elif section or section.repeats:
                    noted.append(partial(self.subscriptions.record_news_time, one.id, now, silence_told=False))
                    if one.spec.kind == "topic":
                        lively.add(one.spec.subject)
            if composed.pages:
                waiting.append(self._draft(group, composed, composer.last_seen, now))
            else:
                noted += self._passed(group, composer.last_seen, now)
            if len(waiting) + len(noted) >= BATCH_SUBSCRIPTIONS:
                recorded += self._record(waiting, noted, now)
        recorded += self._record(waiting, noted, now)
        return PlanReport(recorded, frozenset(silent), frozenset(lively))

    def admits(self, subscriptions: Iterable[int]) -> bool:
        """Whether any of these is still there for somebody who may use the bot."""
        found = map(self.subscriptions.get, subscriptions)
        return any(one is not None and self._may(one) for one in found)

    def _record(self, waiting: list[DeliveryDraft], noted: list[Callable[[], object]], now: datetime) -> int:
        """In one transaction, since each reaches the disk: the lists are empty afterwards."""
        with self.outbox.together():
            recorded = self.outbox.record(waiting, now)
            for note in noted:
                note()
        waiting.clear()
        noted.clear()
        return recorded

    def next_of(self, one: Subscription, now: datetime) -> datetime | None:
        return next_delivery(one.spec.schedule, now, one.cursor.served, self.sessions)

    def _admitted(self, due: Iterable[Subscription]) -> list[Subscription]:
        admitted = []
        for one in due:
            if self._may(one):
                admitted.append(one)
            else:
                self.subscriptions.pause([one.id], "access")
        return admitted

    def _may(self, one: Subscription) -> bool:
        return self._allowed(one.spec.user, one.spec.place.chat)

    def _occurrence(self, one: Subscription, now: datetime) -> datetime | None:
        if one.next_at is None:
            return None
        return occurrence(one.spec.schedule, one.next_at, now, one.cursor.served, self.sessions)

    def _together(self, due: Iterable[Subscription], now: datetime) -> Iterator[DueDigest]:
        """Half past seven and six in the evening of one place are two, Beijing's half past seven and Tokyo's half
        past eight are one."""
        timed = [(one.spec.place, at, one) for one in due if (at := self._occurrence(one, now)) and at <= now]
        timed.sort(key=lambda entry: (entry[1], entry[0].chat, entry[0].thread, entry[2].id))
        for (place, at), group in groupby(timed, key=lambda entry: (entry[0], entry[1])):
            yield DueDigest(place, at, tuple(one for _, _, one in group))

    def _draft(self, due: DueDigest, composed: ComposedDigest, last_seen: int, now: datetime) -> DeliveryDraft:
        moves = []
        for one, section in zip(due.subscriptions, composed.sections, strict=True):
            told = digest.told_items(section)
            history = self.outbox.chapter(one.cursor.history, told, now) if told else one.cursor.history
            served = LastDelivery(due.at, local_date(due.at, one.spec.schedule.zone))
            next_at = next_delivery(one.spec.schedule, now, served, self.sessions)
            moves.append(CursorAdvance(one, Cursor(last_seen, history, served), next_at))
        first = due.subscriptions[0].spec
        return DeliveryDraft(
            "digest",
            due.place,
            first.language,
            all(one.spec.quiet for one in due.subscriptions),
            due.at,
            day_ends(due.at, first.schedule.zone),
            local_date(due.at, first.schedule.zone).isoformat(),
            composed.pages,
            moves,
        )

    def _passed(self, due: DueDigest, last_seen: int, now: datetime) -> Iterator[Callable[[], object]]:
        """Nothing is new, and the day is not served: what comes in until another time of it may be sent then."""
        for one in due.subscriptions:
            progress = replace(one.cursor, mark=max(last_seen, one.cursor.mark))
            yield partial(self.subscriptions.advance, one, progress, self.next_of(one, now))


def _zone(due: DueDigest) -> str:
    return due.subscriptions[0].spec.schedule.zone
