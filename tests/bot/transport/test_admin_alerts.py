"""Alerts to administrators, and their limit."""

import sqlite3

import pytest
from telegram.ext import ExtBot

from bot.render.i18n import Language, Localized
from bot.transport.admin_alerts import ALERT_WINDOW_SECONDS, MAX_ALERTS_AT_ONCE, AdminAlerts
from tests.support.telegram import TOKEN, BotApi, Wire


def said(text: str) -> Localized:
    return lambda _: text


class Duty:
    """Two administrators; one of them never wrote to the bot."""

    def __init__(self) -> None:
        self.api, self.time = BotApi(blocked={8}), 0.0
        self.languages: dict[int, Language] = {7: "en", 8: "zh"}
        self.bot: ExtBot[None] = ExtBot(TOKEN, request=Wire(self.api), get_updates_request=Wire(self.api))
        self.alerts = AdminAlerts(lambda: self.bot, [8, 7], lambda: self.time, self.languages.__getitem__)

    async def told(self) -> list[str]:
        await self.alerts.settle()
        return [call.parameters["text"] for call in self.api.arrived()]


async def test_every_administrator_is_told_what_the_log_says() -> None:
    duty = Duty()
    duty.alerts(said("the inbox cannot be written: <disk> full"), "inbox")
    assert await duty.told() == ["<b>the inbox cannot be written: &lt;disk&gt; full</b>"]


async def test_a_trace_is_cut_at_its_beginning_and_fits() -> None:
    duty = Duty()
    duty.alerts.report(said("failure 1"), "failure", "<x>\n" * 5000 + "ZeroDivisionError")
    [text] = await duty.told()
    assert text.endswith("ZeroDivisionError</pre>")


async def test_many_at_once_are_counted() -> None:
    duty = Duty()
    for number in range(MAX_ALERTS_AT_ONCE + 40):
        duty.alerts(said(f"no {number}"), "failure")
    assert len(await duty.told()) == MAX_ALERTS_AT_ONCE
    duty.time = ALERT_WINDOW_SECONDS + 1
    duty.alerts(said("later"), "failure")
    assert (await duty.told())[-1] == "<b>later (and 40 more before it: see the log)</b>"


async def test_alerts_of_one_kind_do_not_silence_another() -> None:
    duty = Duty()
    for number in range(MAX_ALERTS_AT_ONCE + 40):
        duty.alerts(said(f"no {number}"), "failure")
    duty.alerts(said("the inbox cannot be written"), "inbox")
    assert (await duty.told())[-1] == "<b>the inbox cannot be written</b>"


async def test_an_alarm_speaks_each_operator_s_language_and_the_log_english(caplog: pytest.LogCaptureFixture) -> None:
    duty = Duty()
    duty.api.blocked.clear()
    duty.alerts(lambda say: say("alarm-model-wrong"), "model")
    chinese, english = await duty.told()
    assert "语言模型" in chinese
    assert "language model" in english
    assert "language model" in caplog.text


async def test_an_alarm_arrives_where_the_language_cannot_be_read() -> None:
    duty = Duty()

    def broken(_: int) -> Language:
        raise sqlite3.OperationalError("disk I/O error")

    alerts = AdminAlerts(lambda: duty.bot, [7], lambda: duty.time, broken)
    alerts(said("the inbox cannot be written"), "inbox")
    await alerts.settle()
    assert "inbox" in duty.api.arrived()[0].parameters["text"]
