"""Tell me when: standing questions, asked of what comes in, and answered once it is there."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digest import digest
from bot.digest.composer import DatedItems
from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.digest import DigestItem
from bot.digest.planner import DigestPlanner
from bot.digest.schedule import day_starts, local_date
from bot.digest.subscription import ANSWERS_A_DAY, Destination, Subscription

QUIET_HOURS = (time(22), time(7))  # local hours in which nobody is disturbed
BATCH_CHECKED = 2000  # standing questions asked in one tick
ANSWER_EXPIRES_AFTER = timedelta(days=2)  # that an answer may take to get through: its question was not for one day


class StandingQuestions:
    """Blocks."""

    def __init__(self, planner: DigestPlanner) -> None:
        self._planner = planner
        self._subscriptions, self._outbox = planner.subscriptions, planner.outbox

    def run(self, now: datetime) -> int:
        """Ask of what came in since the last time; how many answers are on their way."""
        composer = self._planner.composer(now)
        asked: dict[tuple[str, int], DatedItems] = {}
        recorded = 0
        for one in self._subscriptions.unchecked(composer.last_seen, BATCH_CHECKED):
            key = (one.spec.subject, one.checked)
            if key not in asked:
                asked[key] = composer.answers(*key, composer.last_seen)
            if (found := self._news(one, asked[key])) and self._may(one, now):
                recorded += self._outbox.record([self._draft(one, found, now)], now)
            self._subscriptions.check([one.id], composer.last_seen)
        return recorded

    def _news(self, one: Subscription, found: DatedItems) -> DigestItem | None:
        """The best answer that was not told before."""
        if not found:
            return None
        told = self._outbox.told(one.cursor.history, 40) if one.cursor.history else []
        before = {entry.document for entry in told}
        fresh = [(document, point) for document, point in found if document.id not in before]
        items = digest.group_by_story(fresh, [entry.text for entry in told if entry.text])
        return items[0] if items else None

    def _may(self, one: Subscription, now: datetime) -> bool:
        zone = one.spec.schedule.zone
        hour = now.astimezone(ZoneInfo(zone)).time()
        if hour >= QUIET_HOURS[0] or hour < QUIET_HOURS[1]:
            return False
        return self._outbox.answers_since(one.spec.place, day_starts(local_date(now, zone), zone)) < ANSWERS_A_DAY

    def _draft(self, one: Subscription, found: DigestItem, now: datetime) -> DeliveryDraft:
        """The mark stays: what else answers goes into the digest, which leaves out what was told."""
        wanted = one.spec
        told = digest.told_items(digest.DigestSection("question", wanted.subject, (found,)))
        history = self._outbox.chapter(one.cursor.history, told, now)
        return DeliveryDraft(
            "answer",
            Destination(wanted.place.chat, wanted.place.thread),
            wanted.language,
            wanted.quiet,
            now,
            now + ANSWER_EXPIRES_AFTER,
            local_date(now, wanted.schedule.zone).isoformat(),
            [digest.render_answer(found, wanted.subject, self._planner.styles(wanted.language))],
            [CursorAdvance(one, replace(one.cursor, history=history), one.next_at)],
            wanted.reply_to,
        )
