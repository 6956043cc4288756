"""When a subscription is due, in its reader's own time. Pure: instants are aware, dates are local."""

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

BEFORE_OPEN = timedelta(minutes=30)  # before the open: time to read it
AFTER_CLOSE = timedelta(minutes=30)  # after the close: the day's last summaries have come in
LATE_GRACE = timedelta(hours=1)  # a digest of 23:59 is not lost to midnight
HORIZON_DAYS = 60  # days to look ahead; the longest holiday of a market has eleven
ONE_SECOND = timedelta(seconds=1)

Session = tuple[datetime, datetime]
Sessions = Callable[[str, date], Session | None]
"""Market and day → open and close, or None where it is closed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`days` is one of DAYS or TRADING; trading days go by the market's hours, not by `at`. `zone` is an IANA name."""

    days: str
    at: time
    zone: str


@dataclass(frozen=True, slots=True)
class LastDelivery:
    """A delivery's instant, and the local date it was for in the zone of that time."""

    at: datetime
    on: date

    def in_zone(self, zone: ZoneInfo) -> date:
        """The last local date that counts as served there: whoever moves gets no date twice, neither the printed
        one nor their new calendar's."""
        return max(self.on, self.at.astimezone(zone).date())


def closed(_: str, __: date) -> Session | None:
    return None


def next_delivery(
    schedule: Schedule, after: datetime, served: LastDelivery | None = None, sessions: Sessions = closed
) -> datetime | None:
    """The first delivery later than `after` on a local date later than the one served; None where none is known."""
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
    """What has become of a planned delivery: due now where it is not later than `now`, else when it is due next.

    What was missed today is due still; older days are merged into the next.
    """
    if (
        planned > now
        or now - planned <= LATE_GRACE
        or local_date(planned, schedule.zone) == local_date(now, schedule.zone)
    ):
        return planned
    return next_delivery(
        schedule, day_starts(local_date(now, schedule.zone), schedule.zone) - ONE_SECOND, served, sessions
    )


def day_ends(instant: datetime, zone: str) -> datetime:
    """When retrying a delivery of that instant ends: with its local day, but not within GRACE."""
    day = local_date(instant, zone) + timedelta(days=1)
    return max(day_starts(day, zone), instant + LATE_GRACE)


def day_starts(day: date, zone: str) -> datetime:
    """The local day's first instant; where a zone skipped that day, the instant of the skip."""
    return wall_time(day, time.min, ZoneInfo(zone))


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def wall_time(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks show that time: the first of two, and in a gap the first one after it."""
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # In a gap fold=0 counts with the offset before it, which leads behind the gap, and fold=1 the other way round.
    before, behind = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while behind - before > ONE_SECOND:
        middle = before + (behind - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            behind = middle
    return behind.replace(microsecond=0)


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone_named(text: str) -> str | None:
    """The IANA name meant, in whatever case it was written."""
    return _zones().get(text.strip().replace(" ", "_").casefold())


def _on(schedule: Schedule, day: date, zone: ZoneInfo, sessions: Sessions) -> datetime | None:
    """The delivery of that day, if it has one; a market's day is the market's."""
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
    # A day that a zone left out, or whose clock jumped over midnight at that time, is served with the next one.
    return instant if instant.astimezone(zone).date() == day else None
