"""Changes asked for in words: what is meant goes in, a question with a button for each possible change comes out."""

from collections.abc import Sequence

from bot.digest.digest import short_subject
from bot.digest.schedule import Schedule
from bot.digest.subscribe_parser import parse_command
from bot.digest.subscription import Subscription
from bot.digest.subscription_card import describe_schedule
from bot.render.callback_data import Operation, encode
from bot.render.html import escape, truncate
from bot.render.i18n import Say
from bot.render.reply import Button, ButtonRow, Reply

BELL = "🔔 "
MAX_WANTED_CHARS = 60  # UTF-16 units of what is to be followed, all of which the button must show
MAX_OFFERED = 8  # subscriptions, one button each


def ask_to_follow(subject: str, when: str, usual: Schedule, say: Say) -> Reply:
    if not subject:
        return Reply(escape(say("follow-how")))
    command = parse_command(f"{subject} {when}".strip(), usual)
    if command.mistaken:
        return Reply(escape(say("follow-mistaken", word=command.mistaken)))
    schedule = command.schedule
    label = truncate(f"{subject} {when}".strip(), MAX_WANTED_CHARS)
    described = say("spoken-follow", subject=short_subject(subject), schedule=describe_schedule(schedule, say))
    return Reply(escape(described), ((Button(f"{BELL}{label}", encode(Operation.SPOKEN_FOLLOW)),),))


def wanted_by_label(label: str) -> str:
    """What the button of `ask_to_follow` names, or ''."""
    return label.removeprefix(BELL).strip() if label.startswith(BELL) else ""


def ask_to_unfollow(subject: str, own: Sequence[Subscription], say: Say) -> Reply | None:
    """None where a subject is named that is not followed."""
    named = matching(subject, own)
    if subject and not named:
        return None
    if not own:
        return Reply(escape(say("follow-none")))
    rows = tuple((Button(f"✕ {_label(one)}", encode(Operation.UNSUBSCRIBE, one.id, 0)),) for one in named[:MAX_OFFERED])
    return Reply(escape(say("spoken-unfollow")), (*rows, _list_row(say)))


def ask_to_reschedule(subject: str, when: str, own: Sequence[Subscription], usual: Schedule, say: Say) -> Reply | None:
    """None where a subject is named that is not followed."""
    command = parse_command(when, usual)
    if command.mistaken or command.subject:
        return Reply(escape(say("follow-mistaken", word=command.mistaken or command.subject)))
    named = matching(subject, own)
    if subject and not named:
        return None
    if not own:
        return Reply(escape(say("follow-none")))
    if not when:
        return Reply(escape(say("spoken-which-hour")), (_list_row(say),))
    minutes = command.schedule.at.hour * 60 + command.schedule.at.minute
    rows = tuple(
        (Button(f"{_label(one)} → {command.schedule.at:%H:%M}", encode(Operation.CHANGE, one.id, 0, "a", minutes)),)
        for one in named[:MAX_OFFERED]
    )
    return Reply(escape(say("spoken-reschedule", hour=f"{command.schedule.at:%H:%M}")), (*rows, _list_row(say)))


def matching(subject: str, own: Sequence[Subscription]) -> list[Subscription]:
    """Those whose subject has these words or is part of them; all of them without a subject."""
    asked = subject.casefold()
    return [one for one in own if asked in one.spec.subject.casefold() or one.spec.subject.casefold() in asked]


def _label(one: Subscription) -> str:
    return truncate(short_subject(one.spec.subject), MAX_WANTED_CHARS)


def _list_row(say: Say) -> ButtonRow:
    return (Button(say("button-list"), encode(Operation.SUBSCRIPTIONS, 0)),)
