"""Pure schedule arithmetic: takes a schedule and the last delivery, returns when the next one is due.

Datetimes are aware, dates are local.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

SCHEDULE_DAYS = ("daily", "weekdays", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_CODES = SCHEDULE_DAYS[2:]
MARKETS = ("XSHG", "XHKG")
SESSION_MOMENTS = ("open", "close")
TRADING_DAYS = tuple(f"{market} {moment}" for market in MARKETS for moment in SESSION_MOMENTS)

BEFORE_OPEN = timedelta(minutes=30)  # time to read it
AFTER_CLOSE = timedelta(minutes=30)  # the day's last summaries have come in by then
LATE_GRACE = timedelta(hours=1)  # a digest of 23:59 is not lost to midnight
HORIZON_DAYS = 60  # the longest holiday of a market has eleven
ONE_SECOND = timedelta(seconds=1)

Session = tuple[datetime, datetime]
Sessions = Callable[[str, date], Session | None]
"""From market and day to open and close, or None where it is closed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`days` is one of SCHEDULE_DAYS or TRADING_DAYS; for the latter `at` is not used. `zone` is an IANA name."""

    days: str
    at: time
    zone: str


DEFAULT_SCHEDULE = Schedule("daily", time(7, 30), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class LastDelivery:
    """A delivery's time, and its local date in the zone that the subscription had then."""

    at: datetime
    on: date

    def in_zone(self, zone: ZoneInfo) -> date:
        """The last date that counts as served there: after a change of zone no date is served twice, neither as it
        was printed nor in the new zone."""
        return max(self.on, self.at.astimezone(zone).date())


def closed(_: str, __: date) -> Session | None:
    return None


def next_delivery(
    schedule: Schedule, after: datetime, served: LastDelivery | None = None, sessions: Sessions = closed
) -> datetime | None:
    """The first delivery after `after` on a local date after the one served; None where none is known."""
    zone = ZoneInfo(schedule.zone)
    last = served.in_zone(zone) if served else date.min
    day = after.astimezone(zone).date() - timedelta(days=2)
    for _ in range(HORIZON_DAYS):
        instant = _on(schedule, day, zone, sessions)
        if instant and instant > after and instant.astimezone(zone).date() > last:
            return instant
        day += timedelta(days=1)
    return None


def occurrence(
    schedule: Schedule,
    planned: datetime,
    now: datetime,
    served: LastDelivery | None = None,
    sessions: Sessions = closed,
) -> datetime | None:
    """A planned delivery's time, which is still due if it was missed today; after older days the next one's."""
    zone = schedule.zone
    today = local_date(now, zone)
    if planned > now or now - planned <= LATE_GRACE or local_date(planned, zone) == today:
        return planned
    return next_delivery(schedule, day_starts(today, zone) - ONE_SECOND, served, sessions)


def day_ends(instant: datetime, zone: str) -> datetime:
    """When retries of a delivery end: with its local day, but not within LATE_GRACE."""
    day = local_date(instant, zone) + timedelta(days=1)
    return max(day_starts(day, zone), instant + LATE_GRACE)


def day_starts(day: date, zone: str) -> datetime:
    """The local day's first instant; where a zone skipped that day, the instant of the skip."""
    return wall_time(day, time.min, ZoneInfo(zone))


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def wall_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC time at which clocks show `at`: the first where there are two, and in a gap the gap's end."""
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # In a gap fold=0 uses the offset before it, which gives a time after the gap, and fold=1 one before it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while after - before > ONE_SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone_named(text: str) -> str | None:
    """The IANA name, whatever the case of `text`."""
    return _zones().get(text.strip().replace(" ", "_").casefold())


@cache
def zone_names() -> str:
    """All of them, in lower case."""
    return " ".join(_zones())


def _on(schedule: Schedule, day: date, zone: ZoneInfo, sessions: Sessions) -> datetime | None:
    """The delivery of that day, if it has one; trading days are the market's local days."""
    market, _, moment = schedule.days.partition(" ")
    if moment:
        if session := sessions(market, day):
            return session[0] - BEFORE_OPEN if moment == "open" else session[1] + AFTER_CLOSE
        return None
    if schedule.days == "weekdays" and day.weekday() > 4:
        return None
    if schedule.days in WEEKDAY_CODES and WEEKDAY_CODES[day.weekday()] != schedule.days:
        return None
    instant = wall_time(day, schedule.at, zone)
    # A day that the zone skipped, or whose clock jumped over midnight at that time, is served with the next one.
    return instant if instant.astimezone(zone).date() == day else None
