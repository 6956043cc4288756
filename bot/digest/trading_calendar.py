"""Trading calendar: takes a market and a day, returns its open and close by exchange-calendars.

That is an optional dependency, since it needs pandas (90 MB).
"""

import importlib.util
import logging
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from bot.digest.schedule import Session
from retrieval.model.documents import BEIJING

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

log = logging.getLogger(__name__)

# After the known holidays every weekday counts: a digest on a holiday is better than none for months.
USUAL_SESSIONS = {"XSHG": (time(9, 30), time(15)), "XHKG": (time(9, 30), time(16))}


def available() -> bool:
    """Whether exchange-calendars is installed: make install EXTRAS=markets."""
    return importlib.util.find_spec("exchange_calendars") is not None


def session(market: str, day: date) -> Session | None:
    calendar = _calendar(market) if available() else None
    if calendar and calendar.first_session.date() <= day <= calendar.last_session.date():
        if not calendar.is_session(day.isoformat()):
            return None
        opens, closes = calendar.session_open_close(day.isoformat())
        return opens.to_pydatetime(), closes.to_pydatetime()
    if day.weekday() > 4:
        return None
    opens_at, closes_at = USUAL_SESSIONS[market]
    return datetime.combine(day, opens_at, BEIJING), datetime.combine(day, closes_at, BEIJING)


@cache
def _calendar(market: str) -> "ExchangeCalendar":
    from exchange_calendars import get_calendar  # pandas: 0.6 s and 60 MB

    calendar = get_calendar(market)
    if calendar.last_session.date() < datetime.now(BEIJING).date() + timedelta(days=30):
        log.warning("holidays of %s are known until %s; update exchange-calendars", market, calendar.last_session)
    return calendar
