"""Operations on subscriptions: takes a subscriber and a command or a button's code, returns replies. Blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial

from bot.digest import delivery_report, digest, subscribe_parser, subscription_card, trading_calendar
from bot.digest.awaited_words import awaited_words
from bot.digest.planner import DigestPlanner
from bot.digest.schedule import DEFAULT_SCHEDULE, TRADING_DAYS, Schedule
from bot.digest.subscribe_parser import SubscribeCommand
from bot.digest.subscription import (
    MAX_SUBSCRIPTIONS,
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
from bot.render.localized_name import ShownName
from bot.render.reply import Reply
from bot.users.preferences import PreferenceStore
from bot.users.settings_menu import HOUR_CHOICES, ZONE_CHOICES
from retrieval.language.bilingual_names import topics_by_other_name
from retrieval.model.documents import topic_key

MAX_SUBJECT_CHARS = 300
MINUTES_A_DAY = 24 * 60
MAX_DEAD_TOPICS = 5  # topics without a working feed that are named
# Reasons that end when the bot is let in again; a pause that somebody asked for is ended by them.
INVOLUNTARY_PAUSES: tuple[PauseReason, ...] = ("blocked", "kicked", "gone", "rights", "closed", "access")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person in a place; `user` is None for an anonymous administrator."""

    place: Destination
    user: int | None
    language: Language

    @property
    def say(self) -> Say:
        return say_in(self.language)


@dataclass(frozen=True, slots=True)
class SubscriptionService:
    """`sourceless` says whether all feeds of a topic have been failing for a day."""

    planner: DigestPlanner
    people: PreferenceStore
    question_log: QuestionLog
    now: datetime
    sourceless: Callable[[str], bool]

    def subscribe(
        self,
        command: SubscribeCommand,
        reader: Subscriber,
        message: int | None,
        channel: Destination | None,
        title: str,
    ) -> Reply:
        """A subject that is no topic is a standing question; its answers reply to `message`."""
        if command.mistaken:
            return Reply(escape(reader.say("follow-mistaken", word=command.mistaken)))
        subject = single_line(replace_surrogates(command.subject)).strip("“”\"' ")
        if not subject:
            return Reply(escape(reader.say("follow-how")))
        if command.schedule.days in TRADING_DAYS and not trading_calendar.available():
            return Reply(escape(reader.say("follow-no-markets")))
        library = self.planner.library
        topics = [topic.name for topic in library.topics()]
        called = topics_by_other_name(topics, library.aliases) | {topic: topic for topic in topics}
        names = {name.casefold(): topic for name, topic in called.items()}
        topic = names.get(subject.casefold())
        spec = replace(
            self._spec(reader, "topic", topic) if topic else self._question_spec(reader, subject, message),
            place=channel or reader.place,
            schedule=command.schedule,
            quiet=command.quiet,
            at_once=command.at_once and not topic,
            title=title,
        )
        self._remember_time(reader, command.schedule)
        return self._follow(spec, reader)

    def parse(self, text: str, reader: Subscriber) -> SubscribeCommand:
        return subscribe_parser.parse_command(text, self.usual_schedule(reader))

    def follow_topic(self, key: str, reader: Subscriber) -> Reply | None:
        """For the bell below a topic; None where the topic no longer exists."""
        topic = next((t.name for t in self.planner.library.topics() if topic_key(t.name) == key), None)
        return self._follow(self._spec(reader, "topic", topic), reader) if topic else None

    def follow_question(self, number: int, reader: Subscriber) -> Reply | None:
        """For the bell below an answer, which asks for daily news; below 'not found' it asks for immediate answers.

        None where the question was erased, or was asked in another chat.
        """
        question = self.question_log.question(number)
        if question is None or question.asker.chat != reader.place.chat:
            return None
        spec = self._question_spec(reader, single_line(question.whole), question.asker.message)
        return self._follow(replace(spec, at_once=question.verdict != "answer"), reader)

    def add_topic(self, name: str, reader: Subscriber) -> Subscription | None:
        """For the bell of the page, which shows no card. None where the topic no longer exists; raises LimitError."""
        if all(topic.name != name for topic in self.planner.library.topics()):
            return None
        return self._add_once(self._spec(reader, "topic", name))

    def add_question(self, question: str, reader: Subscriber) -> Subscription:
        """For the bell of the page below a search; what has no answer yet is told at once. Raises LimitError."""
        spec = self._question_spec(reader, question, None)
        verdict = self.planner.library.search(spec.subject, 1, now=self.now).verdict
        return self._add_once(replace(spec, at_once=verdict != "answer"))

    def usual_schedule(self, reader: Subscriber) -> Schedule:
        """The chat's choice, else the person's last one, else DEFAULT_SCHEDULE."""
        for owner in (reader.place.chat, reader.user):
            chosen = self.people.preferences(owner)
            if chosen.hour or chosen.zone:
                at = time.fromisoformat(chosen.hour) if chosen.hour else DEFAULT_SCHEDULE.at
                return Schedule("daily", at, chosen.zone or DEFAULT_SCHEDULE.zone)
        return DEFAULT_SCHEDULE

    def subscriptions_of(self, reader: Subscriber) -> list[Subscription]:
        """The place's; in a private chat also those that the person made for channels."""
        own = self.planner.subscriptions.at(reader.place)
        if reader.user == reader.place.chat:
            own += self.planner.subscriptions.in_channels(reader.place.chat)
        return own

    def named(self, reader: Subscriber) -> ShownName:
        """Topics with their names in the reader's language."""
        return self.planner.styles(reader.language, reader.place.chat).named

    def shown_subject(self, one: Subscription, reader: Subscriber) -> str:
        return subscription_card.shown_subject(one.spec, self.named(reader))

    def card(self, one: Subscription, reader: Subscriber) -> Reply:
        return subscription_card.render_card(one, reader.say, named=self.named(reader))

    def listing(self, page: int, reader: Subscriber) -> Reply:
        """The list, and a note on topics among them without a working feed."""
        subscriptions = self.subscriptions_of(reader)
        named = self.named(reader)
        reply = subscription_card.render_list(subscriptions, page, reader.say, named)
        topics = dict.fromkeys(one.spec.subject for one in subscriptions if one.spec.kind == "topic")
        dead = [digest.short_subject(named(topic)) for topic in topics if self.sourceless(topic)][:MAX_DEAD_TOPICS]
        if not dead:
            return reply
        note = reader.say("follow-sourceless-some", topics=reader.say("between-words").join(dead))
        return replace(reply, text=f"{reply.text}\n\n{escape(note)}")

    def one(self, id: int, reader: Subscriber) -> Subscription | None:
        """A subscription of this reader; None where a button of another chat names it."""
        return next((one for one in self.subscriptions_of(reader) if one.id == id), None)

    def change(self, one: Subscription, what: str, number: int, reader: Subscriber) -> Subscription | None:
        """Changes hour, days, zone, sound or immediate answers by a button's code; None where there is no such code."""
        schedule = one.spec.schedule
        match what:
            case "t" if number < len(HOUR_CHOICES):
                hour = time.fromisoformat(HOUR_CHOICES[number])
                days = "daily" if schedule.days in TRADING_DAYS else schedule.days
                self._reschedule(one, Schedule(days, hour, schedule.zone), reader)
            case "a" if number < MINUTES_A_DAY:
                days = "daily" if schedule.days in TRADING_DAYS else schedule.days
                self._reschedule(one, Schedule(days, time(*divmod(number, 60)), schedule.zone), reader)
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
        """Pauses or resumes; what came in meanwhile is in the next digest."""
        if one.paused:
            self.planner.subscriptions.resume(one.id, self.planner.next_of(one, self.now))
        else:
            self.planner.subscriptions.pause(one.id, "asked")
            self.planner.outbox.cancel(one.id, "paused", self.now)
        return self.planner.subscriptions.get(one.id)

    def delete(self, one: Subscription) -> None:
        self.planner.outbox.cancel(one.id, "unsubscribed", self.now)
        self.planner.subscriptions.delete(one.id)

    def resume_place(self, place: Destination) -> None:
        """Resumes what was paused because the place could not be reached."""
        for one in self.planner.subscriptions.paused(place, INVOLUNTARY_PAUSES):
            self.planner.subscriptions.resume(one.id, self.planner.next_of(one, self.now))

    def digest(self, reader: Subscriber) -> list[str]:
        """The pages of a digest of now; no cursor is advanced."""
        own = [one for one in self.subscriptions_of(reader) if not one.spec.title]
        if not own:
            return [escape(reader.say("follow-none"))]
        composed = self.planner.composer(self.now).compose(own, self.now)
        return list(composed.pages) or [escape(reader.say("digest-nothing"))]

    def everything(self, delivery: int, reader: Subscriber) -> list[str]:
        """Pages with all items of a delivery, including those for which it had no room."""
        composer = self.planner.composer(self.now)
        pages: list[str] = []
        for id, (after, until) in self.planner.outbox.delivered_range(delivery).items():
            if (one := self.one(id, reader)) and (items := composer.everything(one, after, until)):
                style = self.planner.styles(reader.language, reader.place.chat)
                pages += digest.render_listing(subscription_card.shown_subject(one.spec, style.named), items, style)
        return pages

    def status(self, reader: Subscriber, admin: bool) -> str:
        zone = self.usual_schedule(reader).zone
        mine = delivery_report.chat_report(self.planner, reader.place, self.subscriptions_of(reader), zone, reader.say)
        overall = delivery_report.total_report(self.planner, self.now, zone, reader.say) if admin else []
        return "\n".join([mine, *overall])

    def _spec(self, reader: Subscriber, kind: SubscriptionKind, subject: str) -> SubscriptionSpec:
        return SubscriptionSpec(reader.place, reader.user, kind, subject, reader.language, self.usual_schedule(reader))

    def _question_spec(self, reader: Subscriber, question: str, message: int | None) -> SubscriptionSpec:
        subject = truncate(question, MAX_SUBJECT_CHARS)
        awaited = awaited_words(subject, partial(self.planner.library.search, k=1, now=self.now))
        return replace(self._spec(reader, "question", subject), reply_to=message, awaited=awaited)

    def _follow(self, spec: SubscriptionSpec, reader: Subscriber) -> Reply:
        try:
            added = self._add(spec)
        except LimitError:
            return Reply(escape(reader.say("follow-limit", most=MAX_SUBSCRIPTIONS)))
        named = self.named(reader)
        head = reader.say("follow-done", subject=subscription_card.shown_subject(spec, named))
        card = subscription_card.render_card(added, reader.say, head, named)
        blocks = [card.text]
        if spec.kind == "topic" and self.sourceless(spec.subject):
            blocks.append(escape(reader.say("follow-sourceless")))
        return replace(card, text="\n\n".join([*blocks, *take_fitting(self._sample(spec, reader), blocks)]))

    def _add_once(self, spec: SubscriptionSpec) -> Subscription:
        """One that there is already keeps its times, unless it is paused."""
        before = self.planner.subscriptions.same(spec.place, spec.kind, spec.subject)
        return before if before and not before.paused else self._add(spec)

    def _add(self, spec: SubscriptionSpec) -> Subscription:
        before = self.planner.subscriptions.same(spec.place, spec.kind, spec.subject)
        next_at = self.planner.next_at(spec.schedule, before.cursor if before else None, self.now)
        last_seen = self.planner.library.counts().last_seen
        return self.planner.subscriptions.add(spec, next_at, last_seen, self.now)

    def _sample(self, spec: SubscriptionSpec, reader: Subscriber) -> Sequence[str]:
        sample = self.planner.composer(self.now).sample(spec.kind, spec.subject)
        if not sample.items:
            return []
        style = self.planner.styles(reader.language, reader.place.chat)
        return [bold(reader.say("digest-sample")), *(digest.render_item(item, style) for item in sample.items)]

    def _reschedule(self, one: Subscription, schedule: Schedule, reader: Subscriber) -> None:
        self._remember_time(reader, schedule)
        next_at = self.planner.next_at(schedule, one.cursor, self.now)
        self.planner.subscriptions.reschedule(one.id, schedule, next_at, self.now)

    def _remember_time(self, reader: Subscriber, schedule: Schedule) -> None:
        """A new hour or zone becomes the person's usual one."""
        usual = self.usual_schedule(reader)
        if reader.user and (schedule.at, schedule.zone) != (usual.at, usual.zone):
            chosen = self.people.preferences(reader.user)
            self.people.choose(reader.user, replace(chosen, hour=f"{schedule.at:%H:%M}", zone=schedule.zone))
