"""Pure rendering of subscriptions: takes subscriptions, returns cards, lists and their buttons.

A code is `h`, the subscription, the delivery that the button stands under (0 on a card of its own), and what to do.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digest.digest import short_subject, weekday_name
from bot.digest.schedule import SCHEDULE_DAYS, TRADING_DAYS, Schedule
from bot.digest.subscription import ANSWERS_A_DAY, Subscription
from bot.render.callback_data import encode
from bot.render.html import bold, escape, single_line, truncate
from bot.render.i18n import Say
from bot.render.reply import Button, ButtonRow, Reply, button_row
from bot.users.settings_menu import HOUR_CHOICES, ZONE_CHOICES

SCHEDULE_CODES = (*SCHEDULE_DAYS, *TRADING_DAYS)  # codes are indexes into it: only ever append
SHOWN_ZONES = 6
PAGE_SUBSCRIPTIONS = 8


def digest_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    """Below a digest of one subscription all operations on it, of several a button to their list."""
    everything = Button(say("button-all-points"), encode("g", delivery))
    if len(subscriptions) != 1:
        return ((everything, Button(say("button-manage"), encode("i", 0))),)
    one = subscriptions[0]
    time = Button(say("button-time"), encode("h", one, delivery))
    pause = Button(say("button-pause"), encode("w", one, delivery))
    return ((everything, time), (pause, Button(say("button-unsubscribe"), encode("u", one, delivery))))


def answer_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    one = subscriptions[0] if subscriptions else 0
    return ((Button(say("button-enough"), encode("u", one, delivery)),),)


def paused_buttons(one: int, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    return ((Button(say("button-resume"), encode("w", one, delivery)),),)


def render_card(one: Subscription, say: Say, head: str = "") -> Reply:
    """One subscription and its operations; `head` is given where it was made a moment ago."""
    spec = one.spec
    lines = [
        bold(head or short_subject(spec.subject)),
        escape(describe_schedule(spec.schedule, say)),
        escape(say("follow-at-once", most=ANSWERS_A_DAY)) if spec.at_once else "",
        escape(say("follow-quiet")) if spec.quiet else "",
        escape(describe_state(one, say)),
    ]
    at_once = Button(say("button-daily") if spec.at_once else say("button-at-once"), encode("h", one.id, 0, "o"))
    end = Button(say("button-undo") if head else say("button-unsubscribe"), encode("u", one.id, 0))
    pause = Button(say("button-resume") if one.paused else say("button-pause"), encode("w", one.id, 0))
    rows = (
        button_row(Button(say("button-time"), encode("h", one.id, 0)), at_once if spec.kind == "question" else None),
        (pause, end, Button(say("button-list"), encode("i", 0))),
    )
    return Reply("\n".join(filter(None, lines)), rows)


def render_list(subscriptions: Sequence[Subscription], page: int, say: Say) -> Reply:
    """One page, each with its next delivery in local time and a button to its card."""
    if not subscriptions:
        return Reply(escape(say("follow-none")))
    page = min(page, (len(subscriptions) - 1) // PAGE_SUBSCRIPTIONS)
    start, end = page * PAGE_SUBSCRIPTIONS, (page + 1) * PAGE_SUBSCRIPTIONS
    blocks = [escape(say("follow-list", count=len(subscriptions)))]
    rows = []
    for number, one in enumerate(subscriptions[start:end], start + 1):
        about = f"{describe_schedule(one.spec.schedule, say)} · {describe_state(one, say)}"
        blocks.append(f"{number}. {bold(_name(one))}\n{escape(about)}")
        rows.append((Button(f"{number}. {truncate(_name(one), 40)}", encode("i", one.id)),))
    pager = button_row(
        Button("‹", encode("i", 0, page - 1)) if page else None,
        Button("›", encode("i", 0, page + 1)) if end < len(subscriptions) else None,
    )
    return Reply("\n\n".join(blocks), tuple(rows)).under(pager)


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
    names = SCHEDULE_CODES if markets else SCHEDULE_DAYS
    buttons = [Button(_days(name, say), encode("h", one.id, delivery, "d", code)) for code, name in enumerate(names)]
    return (*_rows(buttons[:2], 2), *_rows(buttons[2:9], 4), *_rows(buttons[9:], 2), (_menu(one, delivery, say),))


def zone_buttons(one: Subscription, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    """The most usual zones; /subscribe takes any."""
    zones = enumerate(ZONE_CHOICES[:SHOWN_ZONES])
    buttons = [Button(zone, encode("h", one.id, delivery, "z", number)) for number, zone in zones]
    return (*_rows(buttons, 2), (_menu(one, delivery, say),))


def describe_schedule(schedule: Schedule, say: Say) -> str:
    if schedule.days in TRADING_DAYS:
        return _days(schedule.days, say)
    return say("schedule", days=_days(schedule.days, say), hour=f"{schedule.at:%H:%M}", zone=schedule.zone)


def describe_state(one: Subscription, say: Say) -> str:
    if one.paused:
        return say("follow-paused", reason=say(f"paused-{one.paused}"))
    return say("follow-next", time=local_time(one.next_at, one.spec.schedule.zone, say)) if one.next_at else ""


def local_time(at: datetime, zone: str, say: Say) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%m-%d} {weekday_name(local.date(), say)} {local:%H:%M}"


def _name(one: Subscription) -> str:
    subject = short_subject(one.spec.subject)
    return f"{single_line(one.spec.title)} · {subject}" if one.spec.title else subject


def _menu(one: Subscription, delivery: int, say: Say) -> Button:
    return Button(say("button-back"), encode("h", one.id, delivery))


def _rows(buttons: Sequence[Button], width: int) -> list[ButtonRow]:
    return [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def _days(name: str, say: Say) -> str:
    return say(f"each-{name.replace(' ', '-')}")
