"""Standing questions: searches them in documents that came in, and records immediate answers in the outbox."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.digest import digest
from bot.digest.composer import DigestComposer
from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.digest import DigestItem, FoundDocument
from bot.digest.planner import DigestPlanner
from bot.digest.schedule import day_starts, local_date
from bot.digest.subscription import ANSWERS_A_DAY, Subscription

QUIET_HOURS = (time(22), time(7))  # local time in which nobody is disturbed
BATCH_CHECKED = 2000  # standing questions searched in one tick
ANSWER_EXPIRES_AFTER = timedelta(days=2)  # unlike a digest, an answer is not for one day


class StandingQuestions:
    """All methods do blocking I/O."""

    def __init__(self, planner: DigestPlanner) -> None:
        self._planner = planner
        self._subscriptions, self._outbox = planner.subscriptions, planner.outbox

    def run(self, now: datetime) -> int:
        """Searches in what came in since the last run; returns the number of answers that were recorded."""
        composer = self._planner.composer(now)
        answers: dict[tuple[str, str, int], list[FoundDocument]] = {}
        recorded = 0
        for one in self._subscriptions.unchecked(composer.last_seen, BATCH_CHECKED):
            key = (one.spec.subject, one.spec.awaited, one.checked)
            if key not in answers:
                answers[key] = composer.answers(*key, composer.last_seen)
            if (item := self._best_untold(one, answers[key], composer)) and self._may_disturb(one, now):
                recorded += self._outbox.record([self._draft(one, item, now)], now)
            self._subscriptions.mark_checked(one.id, composer.last_seen)
        return recorded

    def _best_untold(
        self, one: Subscription, answers: list[FoundDocument], composer: DigestComposer
    ) -> DigestItem | None:
        if not answers:
            return None
        told = composer.told(one)
        before = {item.document for item in told}
        items = digest.group_by_story([answer for answer in answers if answer.document.id not in before], told)
        return items[0] if items else None

    def _may_disturb(self, one: Subscription, now: datetime) -> bool:
        zone = one.spec.schedule.zone
        hour = now.astimezone(ZoneInfo(zone)).time()
        if hour >= QUIET_HOURS[0] or hour < QUIET_HOURS[1]:
            return False
        return self._outbox.answers_since(one.spec.place, day_starts(local_date(now, zone), zone)) < ANSWERS_A_DAY

    def _draft(self, one: Subscription, item: DigestItem, now: datetime) -> DeliveryDraft:
        """The cursor's mark stays: other answers go into the digest, which leaves out what was told."""
        spec = one.spec
        told = digest.told_items(digest.DigestSection("question", spec.subject, (item,)))
        history = self._outbox.chapter(one.cursor.history, told, now)
        page = digest.render_answer(item, spec.subject, self._planner.styles(spec.language, spec.place.chat))
        move = CursorAdvance(one, replace(one.cursor, history=history), one.next_at)
        return DeliveryDraft("answer", spec, now, now + ANSWER_EXPIRES_AFTER, [page], [move])
