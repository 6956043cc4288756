"""/stats and `zhidian stats`: what people ask, as a picture, as messages and as lines."""

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ft2font import FT2Font
from pydantic import SecretStr

from bot.analytics import chart, report
from bot.analytics.queries import DayCounts
from bot.app import application as app
from bot.cli.main import main
from bot.container import Services
from bot.question_log.log import Asker, QuestionLog
from bot.render.callback_data import AnswerView
from bot.render.i18n import LANGUAGES, Language, say_in
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from bot.users.preferences import Preferences
from retrieval.library import Library
from tests.bot.handlers.test_feeds import STRANGER
from tests.conftest import Chat
from tests.support.process import copied
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_html import parse
from tests.support.telegram_screen import Screen, ScreenWire

NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
ADMIN = 7
FOUND, AGREED, PRIVATE = "怀柔科学城面积多大?", "qwzxv 有多贵", "张三的 jkqpt 病历"
ALIKE = ("zzyxq 是谁?", "zzyxq 是谁", "zzyxq 是谁？")


@dataclass
class QuestionScript:
    """A bot that people ask on several days."""

    services: Services
    now: datetime = NOW

    def ask(self, text: str, person: int, days: int = 0) -> int:
        self.now = NOW - timedelta(days=days)
        reply = self.services.answers.ask(text, "zh", Asker("private", person, person))
        self.now = NOW
        assert reply.question
        return reply.question


@pytest.fixture
def asking(library: Library, question_log: QuestionLog, tmp_path: Path) -> Iterator[QuestionScript]:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({ADMIN}))
    there: list[QuestionScript] = []
    services = Services.of(settings, library, question_log, now=lambda: there[0].now)
    there.append(QuestionScript(services))
    asked = there[0]
    for person, text in enumerate(ALIKE, 11):
        asked.ask(text, person, days=2)
    asked.ask(PRIVATE, 14)
    asked.ask(PRIVATE, 15)
    asked.ask(AGREED, 16)
    services.preferences.choose(16, Preferences(open=True))
    asked.ask("旧事 zzyxq", 17, days=40)
    for reason in ("off", "good"):
        services.answers.toggle_feedback(AnswerView(asked.ask(FOUND, 18)), Asker("private", 18, 18), reason)
    # What is queued is written by itself; here it is waited for.
    question_log.export(0)
    yield asked
    services.close()


def test_the_days_are_beijing_s_and_all_there(asking: QuestionScript) -> None:
    asking.services.answers.question_log.export(0)
    days = asking.services.usage_stats(30).days
    assert (days[0].date, days[-1].date, len(days)) == (date(2026, 6, 2), date(2026, 7, 1), 30)
    assert days[-1] == DayCounts(date(2026, 7, 1), 2, 0, 3)
    assert days[-3] == DayCounts(date(2026, 6, 29), 0, 0, 3)


def test_who_reads_it_sees_what_three_asked_or_one_agreed_to_and_no_more(asking: QuestionScript) -> None:
    stats = asking.services.usage_stats(30)
    assert {gap.wording for gap in stats.unanswered.groups} == {ALIKE[0], AGREED}
    assert stats.unanswered.groups[0].words == ("zzyxq",)
    assert stats.unanswered.unseen == 2
    assert stats.people == 7
    assert stats.reasons == {"off": 1, "good": 1}
    for language in LANGUAGES:
        told = "\n\n".join(
            [report.render_caption(stats, say_in(language)), *report.render_pages(stats, say_in(language))]
        )
        assert parse(told)
        assert "<code>/alias zzyxq = </code>" in told
        for hidden in ("张三", "jkqpt", "病历", "旧事", "14", "15", "16", "18"):
            assert hidden not in told


def test_the_operator_s_own_words_may_be_shown(asking: QuestionScript) -> None:
    asking.ask("jjqwx 是什么", ADMIN)
    asking.services.answers.question_log.export(0)
    assert "jjqwx 是什么" in {gap.wording for gap in asking.services.usage_stats(30).unanswered.groups}


@pytest.fixture
async def chat(asking: QuestionScript, tmp_path: Path) -> AsyncIterator[Chat]:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({ADMIN}))
    api = Screen()
    async with app.assemble(settings, asking.services, ScreenWire(api), UNLIMITED).application as application:
        yield Chat(application, api, Updates())


async def test_an_administrator_gets_a_picture_and_the_table(chat: Chat) -> None:
    [table] = await chat.private("/stats")
    assert ALIKE[1] in table.text
    [sent] = chat.api.answers("sendPhoto")
    assert sent.parameters["caption"].startswith("<b>最近 30 天：8 个问题，7 人提问</b>")
    _, picture, _ = sent.parameters["files"][0]
    assert picture.startswith(b"\x89PNG")


async def test_without_matplotlib_there_are_bars_of_characters(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "find_spec", lambda _: None)
    bars, _ = await chat.private("/stats", language="en")
    assert not chat.api.answers("sendPhoto")
    assert "07-01    5 ██░░░\n█ answered" in bars.text


async def test_nobody_else_gets_it_and_no_group(chat: Chat) -> None:
    [message] = await chat.private("/stats", **STRANGER)
    assert message.text == "这个命令只供运营者使用。"
    [message] = await chat.group("/stats")
    assert message.text == "这个命令只供运营者使用。"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_has_every_character_of_the_labels(language: Language) -> None:
    """What is missing: pyftsubset NotoSansSC-Regular.otf --text=… --output-file=bot/render/texts/labels.otf"""
    font = FT2Font(str(files("bot.render").joinpath("texts", chart.FONT_FILE)))
    labels = chart.chart_labels([DayCounts(date(2026, 7, 1), 1234567890, 1, 1)], say_in(language))
    assert {ord(character) for text in labels.values() for character in text} <= font.get_charmap().keys()


async def test_a_picture_that_cannot_be_drawn_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert await chart.render_chart([DayCounts(date(2026, 7, 1))], say_in("zh")) is None
    monkeypatch.setattr(sys, "executable", "/bin/there-is-none")
    assert await chart.render_chart([DayCounts(date(2026, 7, 1))], say_in("zh")) is None
    assert caplog.text.count("could not be drawn") == 2


async def test_a_picture_that_takes_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(chart, "CHART_SECONDS", 0.01)
    assert await chart.render_chart([DayCounts(date(2026, 7, 1))], say_in("zh")) is None
    assert "took more than" in caplog.text


numbers = st.integers(0, 10_000)


@given(st.lists(st.builds(DayCounts, st.dates(), numbers, numbers, numbers), max_size=9), st.integers(4, 40))
def test_bars_stay_within_their_width_and_hide_nothing(days: list[DayCounts], width: int) -> None:
    for day, (_, parts, count) in zip(days, report.draw_bars(days, width), strict=True):
        assert count == day.answer + day.maybe + day.none
        assert sum(map(len, parts)) <= width + 3  # each part that is there has a block, and is rounded
        assert [bool(part) for part in parts] == [n > 0 for n in (day.answer, day.maybe, day.none)]


def zhidian(*arguments: str | Path, **environ: str) -> Result:
    clean = {"TELEGRAM_BOT_TOKEN": "", "ZHIDIAN_SEEDS": "", "LC_ALL": "en_US.UTF-8", "ZHIDIAN_ADMINS": "7"} | environ
    return CliRunner(env=clean).invoke(main, [str(argument) for argument in arguments])


def test_the_terminal_says_the_same(fresh: Path) -> None:
    library, question_log = Library(fresh), QuestionLog(fresh / "bot.db")
    services = Services.of(Settings(data=fresh), library, question_log)
    for person in (11, 12, 13, 21):
        services.answers.ask("zzyxq price" if person < 20 else PRIVATE, "en", Asker("private", person, person))
    for close in (services.close, question_log.close, library.close):
        close()
    done = zhidian("--data", fresh, "stats", "--days", "3")
    assert done.exit_code == 0, done.output
    assert "The last 3 days: 4 questions from 4 people" in done.stdout
    assert "1. zzyxq price\nasked 3 times by 3 people" in done.stdout
    assert "/alias zzyxq = " in done.stdout
    assert "░░░░" in done.stdout
    assert "\t" not in done.stdout
    assert "张三" not in done.stdout
    assert zhidian("--data", fresh / "none", "stats").exit_code == 1


def test_feedback_becomes_a_file_that_measure_reads(data: Path, tmp_path: Path) -> None:
    own = copied(data, tmp_path / "own")
    library, question_log = Library(own), QuestionLog(own / "bot.db")
    services = Services.of(Settings(data=own), library, question_log)
    for person, reason in ((7, "good"), (8, "good"), (7, "off")):
        text = FOUND if reason == "good" and person == 7 else "湖北有哪些创新平台?" if person == 8 else "北京的研发强度"
        reply = services.answers.ask(text, "zh", Asker("private", person, person))
        assert reply.question
        services.answers.toggle_feedback(AnswerView(reply.question), Asker("private", person, person), reason)
    for close in (services.close, question_log.close, library.close):
        close()
    printed = zhidian("--data", own, "measure", "--from-feedback")
    assert printed.exit_code == 0, printed.output
    [line] = printed.stdout.splitlines()
    assert line.startswith(f"zh\t{FOUND}\t")
    assert "1 more were judged wrong" in printed.stderr
    assert "1 are left out: fewer than three" in printed.stderr
    written = zhidian("--data", own, "measure", "--from-feedback", "--to", tmp_path / "judged")
    assert written.exit_code == 0
    assert (tmp_path / "judged" / "unanswerable.tsv").read_text("utf-8") == "off\t北京的研发强度\n"
    measured = zhidian("--data", own, "measure", tmp_path / "judged" / "questions.tsv")
    assert measured.exit_code == 0, measured.output
    assert measured.stdout.splitlines()[1].split() == ["all", "1", "1.000", "1.000", "1.000", "1.000"]


@pytest.mark.parametrize("arguments", [(), ("--from-feedback", __file__), ("--to", "x", __file__)])
def test_measure_says_what_does_not_go_together(arguments: tuple[str, ...], data: Path) -> None:
    assert zhidian("--data", data, "measure", *arguments).exit_code == 2
