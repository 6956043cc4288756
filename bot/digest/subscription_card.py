"""What following looks like: cards, lists and their buttons, pure.

A code is `h`, the subscription, the delivery that the button stands under (0 on a card of its own), and what to do.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digest.digest import SUBJECT, weekday
from bot.digest.schedule import DAYS, TRADING, WEEK, Schedule
from bot.digest.subscription import ANSWERS_A_DAY, Pause, Subscription
from bot.render.callback_data import pack
from bot.render.html import bold, cut, escape, line
from bot.render.i18n import Say
from bot.render.reply import Button, Reply, Row, row
from bot.users.settings_menu import HOURS, ZONES

SCHEDULES = (*DAYS, *TRADING)  # in this order in the codes: only ever appended to
SHOWN_ZONES = 6
A_PAGE = 8  # subscriptions of a list


def below_digest(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[Row, ...]:
    """All points, and for one subscription everything else; several are chosen from in the list."""
    everything = Button(say("button-all-points"), pack("g", delivery))
    if len(subscriptions) != 1:
        return ((everything, Button(say("button-manage"), pack("i", 0))),)
    one = subscriptions[0]
    return (
        (everything, Button(say("button-time"), pack("h", one, delivery))),
        (
            Button(say("button-pause"), pack("w", one, delivery)),
            Button(say("button-unsubscribe"), pack("u", one, delivery)),
        ),
    )


def below_answer(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[Row, ...]:
    one = subscriptions[0] if subscriptions else 0
    return ((Button(say("button-enough"), pack("u", one, delivery)),),)


def below_paused(one: int, delivery: int, say: Say) -> tuple[Row, ...]:
    return ((Button(say("button-resume"), pack("w", one, delivery)),),)


def card(one: Subscription, say: Say, head: str = "") -> Reply:
    """One subscription with what can be done about it; under its own `head` it was followed a moment ago."""
    wanted = one.wanted
    asked = wanted.kind == "question"
    lines = [
        bold(head or cut(line(wanted.subject), SUBJECT)),
        escape(described(wanted.schedule, say)),
        escape(say("follow-at-once", most=ANSWERS_A_DAY)) if wanted.at_once else "",
        escape(say("follow-quiet")) if wanted.quiet else "",
        escape(state(one, say)),
    ]
    turn = Button(say("button-daily") if wanted.at_once else say("button-at-once"), pack("h", one.id, 0, "o"))
    end = Button(say("button-undo") if head else say("button-unsubscribe"), pack("u", one.id, 0))
    pause = Button(say("button-resume") if one.paused else say("button-pause"), pack("w", one.id, 0))
    rows = (
        row(Button(say("button-time"), pack("h", one.id, 0)), turn if asked else None),
        (pause, end, Button(say("button-list"), pack("i", 0))),
    )
    return Reply("\n".join(filter(None, lines)), rows)


def listing(there: Sequence[Subscription], page: int, say: Say) -> Reply:
    """Paged, each with its next delivery in local time; a button leads to its card."""
    if not there:
        return Reply(escape(say("follow-none")))
    page = min(page, (len(there) - 1) // A_PAGE)
    shown = there[page * A_PAGE : (page + 1) * A_PAGE]
    blocks = [
        f"{number}. {bold(_name(one))}\n{escape(described(one.wanted.schedule, say))} · {escape(state(one, say))}"
        for number, one in enumerate(shown, page * A_PAGE + 1)
    ]
    rows = [
        (Button(f"{number}. {cut(_name(one), 40)}", pack("i", one.id)),)
        for number, one in enumerate(shown, page * A_PAGE + 1)
    ]
    turn = row(
        Button("‹", pack("i", 0, page - 1)) if page else None,
        Button("›", pack("i", 0, page + 1)) if (page + 1) * A_PAGE < len(there) else None,
    )
    return Reply("\n\n".join([escape(say("follow-list", count=len(there))), *blocks]), (*rows, *filter(None, (turn,))))


def hours(one: Subscription, delivery: int, say: Say) -> tuple[Row, ...]:
    buttons = [Button(hour, pack("h", one.id, delivery, "t", number)) for number, hour in enumerate(HOURS)]
    more = (
        Button(say("button-days"), pack("h", one.id, delivery, "d")),
        Button(say("button-zone"), pack("h", one.id, delivery, "z")),
        Button(say("button-loud") if one.wanted.quiet else say("button-quiet"), pack("h", one.id, delivery, "q")),
    )
    back = Button(say("button-back"), pack("h", one.id, delivery, "b"))
    return (*_rows(buttons, 4), more, (back,))


def days(one: Subscription, delivery: int, markets: bool, say: Say) -> tuple[Row, ...]:
    known = SCHEDULES if markets else DAYS
    buttons = [Button(_days(name, say), pack("h", one.id, delivery, "d", SCHEDULES.index(name))) for name in known]
    return (*_rows(buttons[:2], 2), *_rows(buttons[2:9], 4), *_rows(buttons[9:], 2), (_menu(one, delivery, say),))


def zones(one: Subscription, delivery: int, say: Say) -> tuple[Row, ...]:
    """The six that most readers live in; /subscribe takes any."""
    buttons = [
        Button(zone, pack("h", one.id, delivery, "z", number)) for number, zone in enumerate(ZONES[:SHOWN_ZONES])
    ]
    return (*_rows(buttons, 2), (_menu(one, delivery, say),))


def described(schedule: Schedule, say: Say) -> str:
    if schedule.days in TRADING:
        return _days(schedule.days, say)
    return say("schedule", days=_days(schedule.days, say), hour=f"{schedule.at:%H:%M}", zone=schedule.zone)


def state(one: Subscription, say: Say) -> str:
    """When it comes next, in its reader's time, or why it does not."""
    if one.paused:
        return say("follow-paused", reason=_reason(one.paused, say))
    return say("follow-next", time=local(one.next_at, one.wanted.schedule.zone, say)) if one.next_at else ""


def local(at: datetime, zone: str, say: Say) -> str:
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%m-%d} {weekday(there.date(), say)} {there:%H:%M}"


def _name(one: Subscription) -> str:
    subject = cut(line(one.wanted.subject), SUBJECT)
    return f"{line(one.wanted.title)} · {subject}" if one.wanted.title else subject


def _menu(one: Subscription, delivery: int, say: Say) -> Button:
    return Button(say("button-back"), pack("h", one.id, delivery))


def _rows(buttons: Sequence[Button], width: int) -> list[Row]:
    return [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def _days(name: str, say: Say) -> str:
    if name in WEEK:
        days = (
            say("each-mon"),
            say("each-tue"),
            say("each-wed"),
            say("each-thu"),
            say("each-fri"),
            say("each-sat"),
            say("each-sun"),
        )
        return days[WEEK.index(name)]
    return {
        "daily": say("each-day"),
        "weekdays": say("each-weekday"),
        "XSHG open": say("each-shanghai-open"),
        "XSHG close": say("each-shanghai-close"),
        "XHKG open": say("each-hongkong-open"),
        "XHKG close": say("each-hongkong-close"),
    }[name]


def _reason(reason: Pause, say: Say) -> str:
    return {
        "asked": say("paused-asked"),
        "blocked": say("paused-blocked"),
        "kicked": say("paused-kicked"),
        "gone": say("paused-gone"),
        "closed": say("paused-closed"),
        "rights": say("paused-rights"),
        "access": say("paused-access"),
    }[reason]
