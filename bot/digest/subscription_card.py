"""What following looks like: cards, lists and their buttons, pure.

A code is `h`, the subscription, the delivery that the button stands under (0 on a card of its own), and what to do.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digest.digest import SUBJECT_CHARS, weekday_name
from bot.digest.schedule import SCHEDULE_DAYS, TRADING_DAYS, Schedule
from bot.digest.subscription import ANSWERS_A_DAY, Subscription
from bot.render.callback_data import encode
from bot.render.html import bold, escape, single_line, truncate
from bot.render.i18n import Say
from bot.render.reply import Button, ButtonRow, Reply, button_row
from bot.users.settings_menu import HOUR_CHOICES, ZONE_CHOICES

SCHEDULE_CODES = (*SCHEDULE_DAYS, *TRADING_DAYS)  # in this order in the codes: only ever appended to
SHOWN_ZONES = 6
PAGE_SUBSCRIPTIONS = 8  # subscriptions of a list


def digest_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    """All points, and for one subscription everything else; several are chosen from in the list."""
    everything = Button(say("button-all-points"), encode("g", delivery))
    if len(subscriptions) != 1:
        return ((everything, Button(say("button-manage"), encode("i", 0))),)
    one = subscriptions[0]
    return (
        (everything, Button(say("button-time"), encode("h", one, delivery))),
        (
            Button(say("button-pause"), encode("w", one, delivery)),
            Button(say("button-unsubscribe"), encode("u", one, delivery)),
        ),
    )


def answer_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    one = subscriptions[0] if subscriptions else 0
    return ((Button(say("button-enough"), encode("u", one, delivery)),),)


def paused_buttons(one: int, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    return ((Button(say("button-resume"), encode("w", one, delivery)),),)


def render_card(one: Subscription, say: Say, head: str = "") -> Reply:
    """One subscription with what can be done about it; under its own `head` it was followed a moment ago."""
    wanted = one.spec
    asked = wanted.kind == "question"
    lines = [
        bold(head or truncate(single_line(wanted.subject), SUBJECT_CHARS)),
        escape(describe_schedule(wanted.schedule, say)),
        escape(say("follow-at-once", most=ANSWERS_A_DAY)) if wanted.at_once else "",
        escape(say("follow-quiet")) if wanted.quiet else "",
        escape(describe_state(one, say)),
    ]
    turn = Button(say("button-daily") if wanted.at_once else say("button-at-once"), encode("h", one.id, 0, "o"))
    end = Button(say("button-undo") if head else say("button-unsubscribe"), encode("u", one.id, 0))
    pause = Button(say("button-resume") if one.paused else say("button-pause"), encode("w", one.id, 0))
    rows = (
        button_row(Button(say("button-time"), encode("h", one.id, 0)), turn if asked else None),
        (pause, end, Button(say("button-list"), encode("i", 0))),
    )
    return Reply("\n".join(filter(None, lines)), rows)


def render_list(there: Sequence[Subscription], page: int, say: Say) -> Reply:
    """Paged, each with its next delivery in local time; a button leads to its card."""
    if not there:
        return Reply(escape(say("follow-none")))
    page = min(page, (len(there) - 1) // PAGE_SUBSCRIPTIONS)
    shown = there[page * PAGE_SUBSCRIPTIONS : (page + 1) * PAGE_SUBSCRIPTIONS]
    blocks = [
        f"{number}. {bold(_name(one))}\n"
        f"{escape(describe_schedule(one.spec.schedule, say))} · {escape(describe_state(one, say))}"
        for number, one in enumerate(shown, page * PAGE_SUBSCRIPTIONS + 1)
    ]
    rows = [
        (Button(f"{number}. {truncate(_name(one), 40)}", encode("i", one.id)),)
        for number, one in enumerate(shown, page * PAGE_SUBSCRIPTIONS + 1)
    ]
    turn = button_row(
        Button("‹", encode("i", 0, page - 1)) if page else None,
        Button("›", encode("i", 0, page + 1)) if (page + 1) * PAGE_SUBSCRIPTIONS < len(there) else None,
    )
    return Reply("\n\n".join([escape(say("follow-list", count=len(there))), *blocks]), (*rows, *filter(None, (turn,))))


def hour_buttons(one: Subscription, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    buttons = [Button(hour, encode("h", one.id, delivery, "t", number)) for number, hour in enumerate(HOUR_CHOICES)]
    more = (
        Button(say("button-days"), encode("h", one.id, delivery, "d")),
        Button(say("button-zone"), encode("h", one.id, delivery, "z")),
        Button(say("button-loud") if one.spec.quiet else say("button-quiet"), encode("h", one.id, delivery, "q")),
    )
    back = Button(say("button-back"), encode("h", one.id, delivery, "b"))
    return (*_rows(buttons, 4), more, (back,))


def day_buttons(one: Subscription, delivery: int, markets: bool, say: Say) -> tuple[ButtonRow, ...]:
    known = SCHEDULE_CODES if markets else SCHEDULE_DAYS
    buttons = [
        Button(_days(name, say), encode("h", one.id, delivery, "d", SCHEDULE_CODES.index(name))) for name in known
    ]
    return (*_rows(buttons[:2], 2), *_rows(buttons[2:9], 4), *_rows(buttons[9:], 2), (_menu(one, delivery, say),))


def zone_buttons(one: Subscription, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    """The six that most readers live in; /subscribe takes any."""
    buttons = [
        Button(zone, encode("h", one.id, delivery, "z", number))
        for number, zone in enumerate(ZONE_CHOICES[:SHOWN_ZONES])
    ]
    return (*_rows(buttons, 2), (_menu(one, delivery, say),))


def describe_schedule(schedule: Schedule, say: Say) -> str:
    if schedule.days in TRADING_DAYS:
        return _days(schedule.days, say)
    return say("schedule", days=_days(schedule.days, say), hour=f"{schedule.at:%H:%M}", zone=schedule.zone)


def describe_state(one: Subscription, say: Say) -> str:
    """When it comes next, in its reader's time, or why it does not."""
    if one.paused:
        return say("follow-paused", reason=say(f"paused-{one.paused}"))
    return say("follow-next", time=local_time(one.next_at, one.spec.schedule.zone, say)) if one.next_at else ""


def local_time(at: datetime, zone: str, say: Say) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%m-%d} {weekday_name(local.date(), say)} {local:%H:%M}"


def _name(one: Subscription) -> str:
    subject = truncate(single_line(one.spec.subject), SUBJECT_CHARS)
    return f"{single_line(one.spec.title)} · {subject}" if one.spec.title else subject


def _menu(one: Subscription, delivery: int, say: Say) -> Button:
    return Button(say("button-back"), encode("h", one.id, delivery))


def _rows(buttons: Sequence[Button], width: int) -> list[ButtonRow]:
    return [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def _days(name: str, say: Say) -> str:
    return say(f"each-{name.replace(' ', '-')}")
