"""Following as it is asked for: what is said and done, without Telegram. Everything here may block on SQLite."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot.digest import delivery_report, subscribe_parser, subscription_card, trading_calendar
from bot.digest import digest as digests
from bot.digest.planner import DigestPlanner
from bot.digest.schedule import TRADING_DAYS, Schedule, local_date
from bot.digest.subscribe_parser import SubscribeCommand
from bot.digest.subscription import (
    MAX_SUBSCRIPTIONS,
    Cursor,
    Destination,
    LimitError,
    PauseReason,
    Subscription,
    SubscriptionKind,
    SubscriptionSpec,
)
from bot.question_log.log import QuestionLog
from bot.render.html import bold, escape, replace_surrogates, single_line, take_fitting, truncate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Reply
from bot.users.preferences import Preferences, PreferenceStore
from bot.users.settings_menu import HOUR_CHOICES, ZONE_CHOICES
from retrieval.model.documents import stable_id

DEFAULT_SCHEDULE = Schedule("daily", time(7, 30), "Asia/Shanghai")
MAX_SUBJECT_CHARS = 300  # characters of a standing question
MAX_DEAD_TOPICS = 5  # topics without a living source that are named
BACK_SPANS: tuple[PauseReason, ...] = ("blocked", "kicked", "gone", "rights", "closed", "access")
"""Reasons that end when the bot is let in again; who asked for a pause ends it themselves."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who follows something where; `user` is None for an anonymous administrator."""

    place: Destination
    user: int | None
    language: Language

    @property
    def say(self) -> Say:
        return say_in(self.language)


@dataclass(frozen=True, slots=True)
class SubscriptionService:
    """`sourceless` says of a topic whether all feeds that it comes from have been failing for a day."""

    planner: DigestPlanner
    people: PreferenceStore
    question_log: QuestionLog
    now: datetime
    sourceless: Callable[[str], bool]

    def subscribe(
        self,
        order: SubscribeCommand,
        reader: Subscriber,
        wrote: int | None,
        channel: Destination | None = None,
        title: str = "",
    ) -> Reply:
        """What is no topic's name is a question that stands; its answers are replies to what they `wrote`."""
        if order.mistaken:
            return Reply(escape(reader.say("follow-mistaken", word=order.mistaken)))
        subject = single_line(replace_surrogates(order.subject)).strip("“”\"' ")
        if not subject:
            return Reply(escape(reader.say("follow-how")))
        if order.schedule.days in TRADING_DAYS and not trading_calendar.available():
            return Reply(escape(reader.say("follow-no-markets")))
        names = {topic.name.casefold(): topic.name for topic in self.planner.library.topics()}
        topic = names.get(subject.casefold())
        wanted = SubscriptionSpec(
            channel or reader.place,
            reader.user,
            "topic" if topic else "question",
            topic or truncate(subject, MAX_SUBJECT_CHARS),
            reader.language,
            order.schedule,
            order.quiet,
            order.at_once and not topic,
            None if topic else wrote,
            title,
        )
        self._remember(reader, order.schedule)
        return self._follow(wanted, reader)

    def order(self, text: str, reader: Subscriber) -> SubscribeCommand:
        return subscribe_parser.parse_command(text, self.usual_schedule(reader))

    def follow_topic(self, key: str, reader: Subscriber) -> Reply | None:
        """The bell below a topic; None where there is no such topic any more."""
        topic = next((t.name for t in self.planner.library.topics() if stable_id(t.name)[:8] == key), None)
        return self._follow(self._wanted(reader, "topic", topic), reader) if topic else None

    def follow_question(self, number: int, reader: Subscriber) -> Reply | None:
        """The bell below an answer asks for news daily; below 'not found' it asks to be told at once."""
        question = self.question_log.question(number)
        if question is None:
            return None
        wanted = self._wanted(reader, "question", truncate(single_line(question.whole), MAX_SUBJECT_CHARS))
        message = question.asker.message if question.asker.chat == reader.place.chat else None
        return self._follow(replace(wanted, at_once=question.verdict != "answer", reply_to=message), reader)

    def usual_schedule(self, reader: Subscriber) -> Schedule:
        """The place's choice, the person's last one, or half past seven in Beijing."""
        for owner in (reader.place.chat, reader.user):
            chosen = self.people.preferences(owner)
            if chosen.hour or chosen.zone:
                at = time.fromisoformat(chosen.hour) if chosen.hour else DEFAULT_SCHEDULE.at
                return Schedule("daily", at, chosen.zone or DEFAULT_SCHEDULE.zone)
        return DEFAULT_SCHEDULE

    def subscriptions_of(self, reader: Subscriber) -> list[Subscription]:
        """A place's own; in private, what the person set up for channels, too."""
        own = self.planner.subscriptions.at(reader.place)
        if reader.user == reader.place.chat:
            own += self.planner.subscriptions.in_channels(reader.place.chat)
        return own

    def listing(self, page: int, reader: Subscriber) -> Reply:
        """With the topics among them that nothing new may come of."""
        theirs = self.subscriptions_of(reader)
        found = subscription_card.render_list(theirs, page, reader.say)
        topics = dict.fromkeys(one.spec.subject for one in theirs if one.spec.kind == "topic")
        dead = [truncate(single_line(topic), digests.SUBJECT_CHARS) for topic in topics if self.sourceless(topic)][
            :MAX_DEAD_TOPICS
        ]
        if not dead:
            return found
        told = reader.say("follow-sourceless-some", topics=reader.say("between-words").join(dead))
        return replace(found, text=f"{found.text}\n\n{escape(told)}")

    def one(self, id: int, reader: Subscriber) -> Subscription | None:
        """A subscription that this reader sees: what stands in another chat's button is not theirs."""
        return next((one for one in self.subscriptions_of(reader) if one.id == id), None)

    def change(self, one: Subscription, what: str, number: int, reader: Subscriber) -> Subscription | None:
        """Its hour, days or zone, its sound, whether answers come at once; None where there is no such choice."""
        schedule = one.spec.schedule
        match what:
            case "t" if number < len(HOUR_CHOICES):
                hour = time.fromisoformat(HOUR_CHOICES[number])
                days = "daily" if schedule.days in TRADING_DAYS else schedule.days
                self._reschedule(one, Schedule(days, hour, schedule.zone), reader)
            case "d" if number < len(subscription_card.SCHEDULE_CODES):
                self._reschedule(one, replace(schedule, days=subscription_card.SCHEDULE_CODES[number]), reader)
            case "z" if number < len(ZONE_CHOICES):
                self._reschedule(one, replace(schedule, zone=ZONE_CHOICES[number]), reader)
            case "q":
                self.planner.subscriptions.set_quiet(one.id, not one.spec.quiet)
            case "o" if one.spec.kind == "question":
                seen = self.planner.library.counts().last_seen
                self.planner.subscriptions.set_at_once(one.id, not one.spec.at_once, seen)
            case _:
                return None
        return self.planner.subscriptions.get(one.id)

    def pause(self, one: Subscription) -> Subscription | None:
        """Or go on where it is paused: what came in meanwhile is in the next one."""
        if one.paused:
            self.planner.subscriptions.resume(one.id, self.planner.next_of(one, self.now))
        else:
            self.planner.subscriptions.pause([one.id], "asked")
            self.planner.outbox.cancel([one.id], "paused", self.now)
        return self.planner.subscriptions.get(one.id)

    def delete(self, one: Subscription) -> None:
        self.planner.outbox.cancel([one.id], "unsubscribed", self.now)
        self.planner.subscriptions.delete(one.id)

    def back(self, place: Destination) -> int:
        """Whoever was away is there again: what was paused for that goes on."""
        paused = self.planner.subscriptions.paused(place, BACK_SPANS)
        for one in paused:
            self.planner.subscriptions.resume(one.id, self.planner.next_of(one, self.now))
        return len(paused)

    def digest(self, reader: Subscriber) -> list[str]:
        """What a digest would say now; nothing is moved on by it."""
        theirs = [one for one in self.subscriptions_of(reader) if not one.spec.title]
        if not theirs:
            return [escape(reader.say("follow-none"))]
        zone = theirs[0].spec.schedule.zone
        composed = self.planner.composer(self.now).compose(theirs, local_date(self.now, zone))
        return list(composed.pages) or [escape(reader.say("digest-nothing"))]

    def everything(self, delivery: int, reader: Subscriber) -> list[str]:
        """All points that a delivery was about, and what it had no room for."""
        composer = self.planner.composer(self.now)
        pages: list[str] = []
        for id, (after, until) in self.planner.outbox.delivered_range(delivery).items():
            if one := self.one(id, reader):
                found = composer.everything(one, after, until)
                if found:
                    pages += digests.render_listing(one.spec.subject, found, self.planner.styles(reader.language))
        return pages

    def status(self, reader: Subscriber, admin: bool) -> str:
        """Deliveries here and, for who runs the bot, everywhere."""
        zone = self.usual_schedule(reader).zone
        mine = delivery_report.chat_report(self.planner, reader.place, self.subscriptions_of(reader), zone, reader.say)
        overall = delivery_report.total_report(self.planner, self.now, zone, reader.say) if admin else []
        return "\n".join([mine, *overall])

    def _wanted(self, reader: Subscriber, kind: SubscriptionKind, subject: str) -> SubscriptionSpec:
        return SubscriptionSpec(reader.place, reader.user, kind, subject, reader.language, self.usual_schedule(reader))

    def _follow(self, wanted: SubscriptionSpec, reader: Subscriber) -> Reply:
        """The card of what is followed now, under it one sample of a digest."""
        library, subscriptions = self.planner.library, self.planner.subscriptions
        before = subscriptions.same(wanted.place, wanted.kind, wanted.subject)
        draft = Subscription(
            0, wanted, None, before.cursor if before else Cursor(0), 0, self.now, silence_told=False, paused=None
        )
        try:
            added = subscriptions.add(
                wanted, self.planner.next_of(draft, self.now), library.counts().last_seen, self.now
            )
        except LimitError:
            return Reply(escape(reader.say("follow-limit", most=MAX_SUBSCRIPTIONS)))
        head = reader.say("follow-done", subject=truncate(single_line(wanted.subject), digests.SUBJECT_CHARS))
        card = subscription_card.render_card(added, reader.say, head)
        told = [card.text]
        if wanted.kind == "topic" and self.sourceless(wanted.subject):
            told.append(escape(reader.say("follow-sourceless")))
        return replace(card, text="\n\n".join([*told, *take_fitting(self._sample(wanted, reader), told)]))

    def _sample(self, wanted: SubscriptionSpec, reader: Subscriber) -> Sequence[str]:
        sample = self.planner.composer(self.now).sample(wanted.kind, wanted.subject)
        if not sample.items:
            return []
        style = self.planner.styles(reader.language)
        return [
            bold(reader.say("digest-sample")),
            *(digests.render_item(one, style, digests.ITEM_CHARS) for one in sample.items),
        ]

    def _reschedule(self, one: Subscription, schedule: Schedule, reader: Subscriber) -> None:
        self._remember(reader, schedule)
        moved = replace(one, spec=replace(one.spec, schedule=schedule))
        self.planner.subscriptions.reschedule(one.id, schedule, self.planner.next_of(moved, self.now), self.now)

    def _remember(self, reader: Subscriber, schedule: Schedule) -> None:
        """Another hour or zone than the usual is what this person will usually mean from now on."""
        usual = self.usual_schedule(reader)
        if reader.user and (schedule.at, schedule.zone) != (usual.at, usual.zone):
            chosen = self.people.preferences(reader.user)
            self.people.choose(reader.user, Preferences(chosen.language, f"{schedule.at:%H:%M}", schedule.zone))
