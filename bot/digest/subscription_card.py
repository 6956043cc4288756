"""Pure rendering of subscriptions: takes subscriptions, returns cards, lists and their buttons.

A code is `h`, the subscription, the delivery that the button stands under (0 on a card of its own), and what to do.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.digest.digest import short_subject, weekday_name
from bot.digest.schedule import SCHEDULE_DAYS, TRADING_DAYS, Schedule
from bot.digest.subscription import ANSWERS_A_DAY, Subscription, SubscriptionSpec
from bot.render.callback_data import Operation, encode
from bot.render.html import bold, escape, single_line, truncate
from bot.render.i18n import Say
from bot.render.keyboards import pager
from bot.render.localized_name import ShownName, as_written
from bot.render.reply import Button, ButtonRow, Reply, button_row, without_empty, wrap_buttons
from bot.render.time_zones import zone_label
from bot.users.settings_menu import HOUR_CHOICES, ZONE_CHOICES

SCHEDULE_CODES = (*SCHEDULE_DAYS, *TRADING_DAYS)  # codes are indexes into it: only ever append
SHOWN_ZONES = 6
PAGE_SUBSCRIPTIONS = 8


def digest_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    """Below a digest of one subscription all operations on it, of several a button to their list."""
    everything = Button(say("button-all-points"), encode(Operation.ALL_POINTS, delivery))
    if len(subscriptions) != 1:
        return ((everything, Button(say("button-manage"), encode(Operation.SUBSCRIPTIONS, 0))),)
    one = subscriptions[0]
    time = _change(say("button-time"), one, delivery)
    pause = Button(say("button-pause"), encode(Operation.PAUSE, one, delivery))
    return (
        (everything, time),
        (pause, Button(say("button-unsubscribe"), encode(Operation.UNSUBSCRIBE, one, delivery))),
    )


def answer_buttons(delivery: int, subscriptions: Sequence[int], say: Say) -> tuple[ButtonRow, ...]:
    one = subscriptions[0] if subscriptions else 0
    return ((Button(say("button-enough"), encode(Operation.UNSUBSCRIBE, one, delivery)),),)


def paused_buttons(one: int, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    return ((Button(say("button-resume"), encode(Operation.PAUSE, one, delivery)),),)


def render_card(one: Subscription, say: Say, head: str = "", named: ShownName = as_written) -> Reply:
    """One subscription and its operations; `head` is given where it was made a moment ago."""
    spec = one.spec
    lines = [
        bold(head or shown_subject(spec, named)),
        escape(describe_schedule(spec.schedule, say)),
        escape(say("follow-at-once", most=ANSWERS_A_DAY)) if spec.at_once else "",
        escape(say("follow-quiet")) if spec.quiet else "",
        escape(describe_state(one, say)),
    ]
    at_once = _change(say("button-daily") if spec.at_once else say("button-at-once"), one.id, 0, "o")
    end = Button(say("button-undo") if head else say("button-unsubscribe"), encode(Operation.UNSUBSCRIBE, one.id, 0))
    pause = Button(say("button-resume") if one.paused else say("button-pause"), encode(Operation.PAUSE, one.id, 0))
    rows = (
        button_row(_change(say("button-time"), one.id, 0), at_once if spec.kind == "question" else None),
        (pause, end, Button(say("button-list"), encode(Operation.SUBSCRIPTIONS, 0))),
    )
    return Reply("\n".join(filter(None, lines)), rows)


def render_list(subscriptions: Sequence[Subscription], page: int, say: Say, named: ShownName = as_written) -> Reply:
    """One page, each with its next delivery in local time and a button to its card."""
    if not subscriptions:
        return Reply(escape(say("follow-none")))
    page = min(page, (len(subscriptions) - 1) // PAGE_SUBSCRIPTIONS)
    start, end = page * PAGE_SUBSCRIPTIONS, (page + 1) * PAGE_SUBSCRIPTIONS
    blocks = [escape(say("follow-list", count=len(subscriptions)))]
    rows = []
    for number, one in enumerate(subscriptions[start:end], start + 1):
        about = f"{describe_schedule(one.spec.schedule, say)} · {describe_state(one, say)}"
        blocks.append(f"{number}. {bold(_name(one, named))}\n{escape(about)}")
        rows.append((Button(f"{number}. {truncate(_name(one, named), 40)}", encode(Operation.SUBSCRIPTIONS, one.id)),))
    turn = pager(page, -(-len(subscriptions) // PAGE_SUBSCRIPTIONS), lambda n: encode(Operation.SUBSCRIPTIONS, 0, n))
    return Reply("\n\n".join(blocks), without_empty(*rows, turn))


def hour_buttons(one: Subscription, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    buttons = [_change(hour, one.id, delivery, "t", number) for number, hour in enumerate(HOUR_CHOICES)]
    more = (
        _change(say("button-days"), one.id, delivery, "d"),
        _change(say("button-zone"), one.id, delivery, "z"),
        _change(say("button-loud") if one.spec.quiet else say("button-quiet"), one.id, delivery, "q"),
    )
    back = _change(say("button-back"), one.id, delivery, "b")
    return (*wrap_buttons(buttons, 4), more, (back,))


def day_buttons(one: Subscription, delivery: int, markets: bool, say: Say) -> tuple[ButtonRow, ...]:
    names = SCHEDULE_CODES if markets else SCHEDULE_DAYS
    buttons = [_change(_days(name, say), one.id, delivery, "d", code) for code, name in enumerate(names)]
    daily, weekdays, trading_days = buttons[:2], buttons[2:9], buttons[9:]
    rows = (*wrap_buttons(daily, 2), *wrap_buttons(weekdays, 4), *wrap_buttons(trading_days, 2))
    return (*rows, (_menu(one, delivery, say),))


def zone_buttons(one: Subscription, delivery: int, say: Say) -> tuple[ButtonRow, ...]:
    """The most usual zones; /subscribe takes any."""
    zones = enumerate(ZONE_CHOICES[:SHOWN_ZONES])
    buttons = [_change(zone_label(zone, say), one.id, delivery, "z", number) for number, zone in zones]
    return (*wrap_buttons(buttons, 2), (_menu(one, delivery, say),))


def describe_schedule(schedule: Schedule, say: Say) -> str:
    if schedule.days in TRADING_DAYS:
        return _days(schedule.days, say)
    return say(
        "schedule", days=_days(schedule.days, say), hour=f"{schedule.at:%H:%M}", zone=zone_label(schedule.zone, say)
    )


def describe_state(one: Subscription, say: Say) -> str:
    if one.paused:
        return say("follow-paused", reason=say(f"paused-{one.paused}"))
    return say("follow-next", time=local_time(one.next_at, one.spec.schedule.zone, say)) if one.next_at else ""


def local_time(at: datetime, zone: str, say: Say) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%m-%d} {weekday_name(local.date(), say)} {local:%H:%M}"


def shown_subject(spec: SubscriptionSpec, named: ShownName) -> str:
    """A topic with its other name; a question as it was asked."""
    return short_subject(named(spec.subject) if spec.kind == "topic" else spec.subject)


def _name(one: Subscription, named: ShownName) -> str:
    subject = shown_subject(one.spec, named)
    return f"{single_line(one.spec.title)} · {subject}" if one.spec.title else subject


def _menu(one: Subscription, delivery: int, say: Say) -> Button:
    return _change(say("button-back"), one.id, delivery)


def _change(label: str, one: int, delivery: int, *change: str | int) -> Button:
    return Button(label, encode(Operation.CHANGE, one, delivery, *change))


def _days(name: str, say: Say) -> str:
    return say(f"each-{name.replace(' ', '-')}")
