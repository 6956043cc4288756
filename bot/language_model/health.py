"""The health of the model: failures and refused texts go in, whether to ask it now comes out, and a few alarms."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.language_model.client import BudgetError, ModelError
from bot.render.i18n import Localized

log = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE = timedelta(minutes=1)  # so that an endpoint that is down costs no wait with each text
PAUSE_OVER_BUDGET = timedelta(minutes=10)
ALARM_PAUSE = timedelta(hours=1)
JUDGED_TEXTS = 20  # the last ones, of which half refused is an alarm
FAILURES_TO_PAUSE = 2  # in a row: a single slow answer is no outage


class ModelHealth:
    """To be called in the event loop's thread. `alert`, which the bot sets, is called once in ALARM_PAUSE at most."""

    def __init__(self, alert: Callable[[Localized], object], now: Callable[[], datetime]) -> None:
        self.alert, self._now = alert, now
        self._paused_until: datetime | None = None
        self._alarmed_at: datetime | None = None
        self._failures = 0
        self._verdicts: deque[bool] = deque(maxlen=JUDGED_TEXTS)

    @property
    def usable(self) -> bool:
        return self._paused_until is None or self._now() >= self._paused_until

    def failed(self, error: ModelError) -> None:
        log.warning("the model: %s", error)
        self._failures += 1
        over_budget = isinstance(error, BudgetError)
        if over_budget or self._failures >= FAILURES_TO_PAUSE:
            self._paused_until = self._now() + (PAUSE_OVER_BUDGET if over_budget else PAUSE_AFTER_FAILURE)
            self._alarm(lambda say: say("alarm-model", error=str(error)))

    def judged(self, faults: list[str]) -> None:
        """An answer came, and these faults kept it from being shown."""
        self._failures, self._paused_until = 0, None
        if faults:
            log.info("what the model said is not shown: %s", "; ".join(faults)[:200])
        self._verdicts.append(bool(faults))
        if len(self._verdicts) == JUDGED_TEXTS and 2 * sum(self._verdicts) > JUDGED_TEXTS:
            self._verdicts.clear()
            self._alarm(lambda say: say("alarm-model-wrong"))

    def _alarm(self, text: Localized) -> None:
        now = self._now()
        if self._alarmed_at is None or now - self._alarmed_at >= ALARM_PAUSE:
            self._alarmed_at = now
            self.alert(text)
