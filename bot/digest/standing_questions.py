"""Tell me when: standing questions, asked of what comes in, and answered once it is there."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digest import digest
from bot.digest.composer import Found
from bot.digest.delivery_records import Draft, Move
from bot.digest.digest import Item
from bot.digest.planner import Planner
from bot.digest.schedule import day_starts, local_date
from bot.digest.subscription import ANSWERS_A_DAY, Place, Subscription

QUIET = (time(22), time(7))  # local hours in which nobody is disturbed
BATCH = 2000  # standing questions asked in one tick
PATIENCE = timedelta(days=2)  # that an answer may take to get through: its question was not for one day


class Standing:
    """Blocks."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._subscriptions, self._outbox = planner.subscriptions, planner.outbox

    def run(self, now: datetime) -> int:
        """Ask of what came in since the last time; how many answers are on their way."""
        composer = self._planner.composer(now)
        asked: dict[tuple[str, int], Found] = {}
        recorded = 0
        for one in self._subscriptions.unchecked(composer.last_seen, BATCH):
            key = (one.wanted.subject, one.checked)
            if key not in asked:
                asked[key] = composer.answers(*key, composer.last_seen)
            if (found := self._news(one, asked[key])) and self._may(one, now):
                recorded += self._outbox.record([self._draft(one, found, now)], now)
            self._subscriptions.check([one.id], composer.last_seen)
        return recorded

    def _news(self, one: Subscription, found: Found) -> Item | None:
        """The best answer that was not told before."""
        if not found:
            return None
        told = self._outbox.told(one.progress.history, 40) if one.progress.history else []
        before = {entry.document for entry in told}
        fresh = [(document, point) for document, point in found if document.id not in before]
        items = digest.folded(fresh, [entry.text for entry in told if entry.text])
        return items[0] if items else None

    def _may(self, one: Subscription, now: datetime) -> bool:
        zone = one.wanted.schedule.zone
        hour = now.astimezone(ZoneInfo(zone)).time()
        if hour >= QUIET[0] or hour < QUIET[1]:
            return False
        return self._outbox.answers_since(one.wanted.place, day_starts(local_date(now, zone), zone)) < ANSWERS_A_DAY

    def _draft(self, one: Subscription, found: Item, now: datetime) -> Draft:
        """The mark stays: what else answers goes into the digest, which leaves out what was told."""
        wanted = one.wanted
        told = digest.told_by(digest.Section("question", wanted.subject, (found,)))
        history = self._outbox.chapter(one.progress.history, told, now)
        return Draft(
            "answer",
            Place(wanted.place.chat, wanted.place.thread),
            wanted.language,
            wanted.quiet,
            now,
            now + PATIENCE,
            local_date(now, wanted.schedule.zone).isoformat(),
            [digest.answer(found, wanted.subject, self._planner.styles(wanted.language))],
            [Move(one, replace(one.progress, history=history), one.next_at)],
            wanted.reply_to,
        )
