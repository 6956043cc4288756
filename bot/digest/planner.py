"""Plans deliveries: takes the subscriptions that are due, composes their digests, records them in the outbox."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from bot.digest import digest
from bot.digest.composer import ComposedDigest, ContextFor, DigestComposer
from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.outbox import Outbox
from bot.digest.schedule import LastDelivery, Schedule, Sessions, day_ends, local_date, next_delivery, occurrence
from bot.digest.subscription import Cursor, Destination, Subscription
from bot.digest.subscription_store import SubscriptionStore
from retrieval.library import Library

BATCH_SUBSCRIPTIONS = 400  # in one transaction, so that the first are sent while others are composed

IsAllowed = Callable[[int | None, int], bool]
"""Whether a person, if known, or a chat may use the bot."""


@dataclass(frozen=True, slots=True)
class DueDigest:
    """The subscriptions of one place that are due at the same time: one delivery."""

    place: Destination
    at: datetime
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The number of deliveries recorded, and the topics that fell silent or had news."""

    recorded: int
    silent: frozenset[str]
    lively: frozenset[str]


@dataclass(frozen=True, slots=True)
class DigestPlanner:
    """All methods do blocking I/O."""

    library: Library
    subscriptions: SubscriptionStore
    outbox: Outbox
    styles: ContextFor
    sessions: Sessions
    allowed: IsAllowed

    def composer(self, now: datetime) -> DigestComposer:
        return DigestComposer(self.library, self.outbox, self.styles, now)

    def preview(self, now: datetime) -> Iterator[tuple[DueDigest, ComposedDigest]]:
        """The digests that a run would record at that time; changes nothing."""
        composer = self.composer(now)
        for due in self._group(filter(self._is_allowed, self.subscriptions.due(now)), now):
            composed = composer.compose(due.subscriptions, due.at)
            if composed.pages:
                yield due, composed

    def run(self, now: datetime) -> PlanReport:
        composer = self.composer(now)
        drafts: list[DeliveryDraft] = []
        changes: list[Callable[[], object]] = []
        recorded, silent, lively = 0, set[str](), set[str]()
        allowed = []
        for one in self.subscriptions.due(now):
            if not self._is_allowed(one):
                self.subscriptions.pause(one.id, "access")
                continue
            allowed.append(one)
            planned = self._occurrence(one, now)
            if planned is None or planned > now:
                changes.append(partial(self.subscriptions.put_off, one.id, one.next_at, planned))
        for group in self._group(allowed, now):
            composed = composer.compose(group.subscriptions, group.at)
            for one, section in zip(group.subscriptions, composed.sections, strict=True):
                if section.silent:
                    changes.append(partial(self.subscriptions.record_news_time, one.id, one.news_at, silence_told=True))
                    silent.add(one.spec.subject)
                elif section or section.repeats:
                    changes.append(partial(self.subscriptions.record_news_time, one.id, now, silence_told=False))
                    if one.spec.kind == "topic":
                        lively.add(one.spec.subject)
            if composed.pages:
                drafts.append(self._draft(group, composed, composer.last_seen, now))
            else:
                changes += self._advance_without_news(group, composer.last_seen, now)
            if len(drafts) + len(changes) >= BATCH_SUBSCRIPTIONS:
                recorded += self._record(drafts, changes, now)
        recorded += self._record(drafts, changes, now)
        return PlanReport(recorded, frozenset(silent), frozenset(lively))

    def admits(self, subscriptions: Iterable[int]) -> bool:
        """Whether any of these still exists for somebody who may use the bot."""
        return any(one and self._is_allowed(one) for one in map(self.subscriptions.get, subscriptions))

    def _record(self, drafts: list[DeliveryDraft], changes: list[Callable[[], object]], now: datetime) -> int:
        """All in one transaction, since each waits for the disk; empties the lists."""
        with self.outbox.transaction():
            recorded = self.outbox.record(drafts, now)
            for change in changes:
                change()
        drafts.clear()
        changes.clear()
        return recorded

    def next_at(self, schedule: Schedule, cursor: Cursor | None, now: datetime) -> datetime | None:
        return next_delivery(schedule, now, cursor.served if cursor else None, self.sessions)

    def next_of(self, one: Subscription, now: datetime) -> datetime | None:
        return self.next_at(one.spec.schedule, one.cursor, now)

    def _is_allowed(self, one: Subscription) -> bool:
        return self.allowed(one.spec.user, one.spec.place.chat)

    def _occurrence(self, one: Subscription, now: datetime) -> datetime | None:
        if one.next_at is None:
            return None
        return occurrence(one.spec.schedule, one.next_at, now, one.cursor.served, self.sessions)

    def _group(self, due: Iterable[Subscription], now: datetime) -> Iterator[DueDigest]:
        """By place and time: 7:30 in Beijing and 8:30 in Tokyo are the same."""
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
        spec = replace(due.subscriptions[0].spec, quiet=all(one.spec.quiet for one in due.subscriptions), reply_to=None)
        return DeliveryDraft("digest", spec, due.at, day_ends(due.at, spec.schedule.zone), composed.pages, moves)

    def _advance_without_news(self, due: DueDigest, last_seen: int, now: datetime) -> Iterator[Callable[[], object]]:
        """The day does not count as served: after a change of the hour there may be a digest later on it."""
        for one in due.subscriptions:
            cursor = replace(one.cursor, mark=max(last_seen, one.cursor.mark))
            yield partial(self.subscriptions.advance, one, cursor, self.next_of(one, now))
