"""Local times: clock changes in both directions, leap days, half hours, trading days, moves between zones."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.digest import trading_calendar
from bot.digest.schedule import (
    LATE_GRACE,
    SCHEDULE_DAYS,
    TRADING_DAYS,
    WEEKDAY_CODES,
    LastDelivery,
    Schedule,
    day_ends,
    day_starts,
    local_date,
    next_delivery,
    occurrence,
    wall_time,
    zone_named,
)

ZONES = st.sampled_from(sorted(available_timezones()))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 45, 59]))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
SCHEDULES = st.builds(Schedule, st.sampled_from(SCHEDULE_DAYS), TIMES, ZONES)
NIGHT = time(2, 30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def deliveries(schedule: Schedule, start: datetime, count: int) -> list[datetime]:
    """One after the other, as if each had been sent at once."""
    found: list[datetime] = []
    served: LastDelivery | None = None
    while len(found) < count:
        start = found[-1] if found else start
        due = next_delivery(schedule, start, served, trading_calendar.session)
        assert due
        served = LastDelivery(due, local_date(due, schedule.zone))
        found.append(due)
    return found


@pytest.mark.parametrize(
    ("zone", "hour", "after", "due"),
    [
        # a gap: the first instant after it
        ("America/New_York", NIGHT, "2026-03-07T12:00-05:00", "2026-03-08T03:00-04:00"),
        ("Europe/Berlin", NIGHT, "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),
        ("Australia/Lord_Howe", time(2, 15), "2026-10-03T12:00+10:30", "2026-10-04T02:30+11:00"),  # half an hour
        ("America/Santiago", time(0, 30), "2026-09-05T12:00-04:00", "2026-09-06T01:00-03:00"),  # at midnight
        # a fold: the first of the two
        ("America/New_York", time(1, 30), "2026-10-31T12:00-04:00", "2026-11-01T01:30-04:00"),
        ("Europe/Berlin", NIGHT, "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),
        ("Australia/Lord_Howe", time(1, 45), "2026-04-04T12:00+11:00", "2026-04-05T01:45+11:00"),
        # leap days
        ("Asia/Shanghai", time(7, 30), "2028-02-28T08:00+08:00", "2028-02-29T07:30+08:00"),
        ("Asia/Shanghai", time(7, 30), "2028-02-29T08:00+08:00", "2028-03-01T07:30+08:00"),
        ("Asia/Shanghai", time(7, 30), "2026-02-28T08:00+08:00", "2026-03-01T07:30+08:00"),
        # half and quarter hours
        ("Asia/Kolkata", time(7, 30), "2026-07-01T00:00+05:30", "2026-07-01T07:30+05:30"),
        ("Asia/Kathmandu", time(7, 30), "2026-07-01T00:00+05:45", "2026-07-01T07:30+05:45"),
        ("America/St_Johns", time(0, 0), "2026-07-01T00:00-02:30", "2026-07-02T00:00-02:30"),
        # a day that a zone left out: 2011-12-30 in Samoa
        ("Pacific/Apia", time(7, 30), "2011-12-29T08:00-10:00", "2011-12-31T07:30+14:00"),
    ],
)
def test_the_next_daily_one(zone: str, hour: time, after: str, due: str) -> None:
    assert next_delivery(Schedule("daily", hour, zone), at(after)) == at(due)


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", "2026-03-06"), ("America/New_York", "2026-10-30")])
def test_a_digest_of_half_past_two_comes_once_a_day_across_clock_changes(zone: str, day: str) -> None:
    schedule = Schedule("daily", NIGHT, zone)
    dates = [local_date(due, zone) for due in deliveries(schedule, at(f"{day}T12:00-05:00"), 5)]
    assert dates == [date.fromisoformat(day) + timedelta(days=n) for n in range(1, 6)]


@given(SCHEDULES, INSTANTS)
@example(Schedule("daily", NIGHT, "Europe/Berlin"), at("2026-10-25T00:45+00:00"))
def test_each_delivery_is_later_on_a_later_date_at_the_hour_asked_for(schedule: Schedule, start: datetime) -> None:
    zone = ZoneInfo(schedule.zone)
    found = deliveries(schedule, start, 4)
    assert found[0] > start
    for one, other in pairwise(found):
        assert one < other
        assert local_date(one, schedule.zone) < local_date(other, schedule.zone)
    for due in found:
        local = due.astimezone(zone)
        if schedule.days in WEEKDAY_CODES:
            assert WEEKDAY_CODES[local.weekday()] == schedule.days
        if schedule.days == "weekdays":
            assert local.weekday() < 5
        if local.time() != schedule.at:  # only in a gap, and then at its end: the clock showed less a second before
            before = (due - timedelta(seconds=1)).astimezone(zone)
            assert local.utcoffset() > before.utcoffset()  # type: ignore[operator]
            assert before.time() < schedule.at < local.time() or before.date() < local.date()
        assert local.fold == 0 or due.astimezone(zone).replace(fold=0).astimezone(UTC) == due


@given(ZONES, INSTANTS)
def test_daily_leaves_no_day_out_but_those_that_a_zone_does(zone: str, start: datetime) -> None:
    found = deliveries(Schedule("daily", time(12), zone), start, 10)
    for one, other in pairwise(found):
        assert timedelta(hours=20) <= other - one <= timedelta(hours=28)


@given(st.lists(st.tuples(SCHEDULES, st.integers(1, 60)), min_size=2, max_size=6), INSTANTS)
def test_moving_zone_or_hour_never_gives_two_in_a_local_day(lives: list[tuple[Schedule, int]], now: datetime) -> None:
    """A reader changes the schedule some hours after each delivery; neither calendar shows a date twice."""
    served: LastDelivery | None = None
    for schedule, hours in lives:
        due = next_delivery(schedule, now, served)
        assert due
        day = local_date(due, schedule.zone)
        if served:
            assert day > served.on
            assert day > local_date(served.at, schedule.zone)
        served = LastDelivery(due, day)
        now = due + timedelta(hours=hours)


@given(SCHEDULES, INSTANTS, st.integers(0, 40 * 24 * 60))
def test_after_downtime_what_was_missed_today_is_due_and_older_days_are_not(
    schedule: Schedule, start: datetime, minutes: int
) -> None:
    planned = next_delivery(schedule, start)
    assert planned
    now = planned + timedelta(minutes=minutes)
    due = occurrence(schedule, planned, now)
    assert due
    if due <= now:
        assert now - due <= LATE_GRACE or local_date(due, schedule.zone) == local_date(now, schedule.zone)
        again = next_delivery(schedule, now, LastDelivery(due, local_date(due, schedule.zone)))
        assert again
        assert local_date(again, schedule.zone) > local_date(due, schedule.zone)
    else:
        assert now - planned > LATE_GRACE


def test_after_downtime_by_example() -> None:
    daily = Schedule("daily", time(7, 30), "Asia/Shanghai")
    planned = at("2026-07-01T07:30+08:00")
    assert occurrence(daily, planned, at("2026-07-01T07:29+08:00")) == planned
    assert occurrence(daily, planned, at("2026-07-01T23:50+08:00")) == planned
    assert occurrence(daily, planned, at("2026-07-04T09:00+08:00")) == at("2026-07-04T07:30+08:00")  # today's
    assert occurrence(daily, planned, at("2026-07-04T06:00+08:00")) == at("2026-07-04T07:30+08:00")  # not yet
    late = Schedule("daily", time(23, 59), "Asia/Shanghai")
    assert occurrence(late, at("2026-07-01T23:59+08:00"), at("2026-07-02T00:05+08:00")) == at("2026-07-01T23:59+08:00")


@given(ZONES, INSTANTS)
def test_a_day_ends_after_its_delivery_where_the_next_begins(zone: str, instant: datetime) -> None:
    end = day_ends(instant, zone)
    assert end >= instant + LATE_GRACE
    if end > instant + LATE_GRACE:
        assert local_date(end, zone) > local_date(instant, zone)
        assert end - instant <= timedelta(hours=50)
    assert day_starts(local_date(instant, zone), zone) <= instant


KNOWN = pytest.mark.skipif(not trading_calendar.available(), reason="the extra [markets] is not installed")


@KNOWN
@pytest.mark.parametrize(
    ("days", "after", "due"),
    [
        ("XSHG open", "2026-09-30T12:00+08:00", "2026-10-08T09:00+08:00"),  # the golden week
        ("XHKG open", "2026-09-30T12:00+08:00", "2026-10-02T09:00+08:00"),
        ("XSHG close", "2026-11-20T15:31+08:00", "2026-11-23T15:30+08:00"),  # a weekend
        ("XHKG close", "2026-12-24T00:00+08:00", "2026-12-24T12:30+08:00"),  # half a day
        ("XHKG close", "2026-12-24T13:00+08:00", "2026-12-28T16:30+08:00"),
        ("XSHG open", "2040-01-06T12:00+08:00", "2040-01-09T09:00+08:00"),  # past what is known: weekdays
    ],
)
def test_trading_days(days: str, after: str, due: str) -> None:
    assert next_delivery(Schedule(days, time(0), "Asia/Shanghai"), at(after), None, trading_calendar.session) == at(due)


@pytest.mark.parametrize("days", TRADING_DAYS)
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"])
def test_trading_days_come_once_a_local_day_wherever_the_reader_is(days: str, zone: str) -> None:
    found = deliveries(Schedule(days, time(0), zone), at("2026-01-01T00:00+00:00"), 200)
    assert len({local_date(due, zone) for due in found}) == 200


def test_a_market_without_sessions_is_never_due() -> None:
    assert next_delivery(Schedule("XSHG open", time(0), "Asia/Shanghai"), at("2026-01-01T00:00+08:00")) is None


@KNOWN
def test_known_holidays_end_somewhere() -> None:
    known = trading_calendar._calendar("XSHG").last_session.date()
    assert known
    assert known.year >= 2026


@pytest.mark.parametrize(
    ("written", "zone"),
    [("asia/shanghai", "Asia/Shanghai"), (" America/New York", "America/New_York"), ("utc", "UTC"), ("../etc", None),
     ("", None), ("北京", None)],
)  # fmt: skip
def test_a_zone_is_known_by_its_iana_name(written: str, zone: str | None) -> None:
    assert zone_named(written) == zone


def test_wall_time_is_in_utc() -> None:
    assert wall_time(date(2026, 7, 1), time(7, 30), ZoneInfo("Asia/Shanghai")).tzinfo is UTC
