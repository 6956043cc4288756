"""The same bot in the terminal."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console
from sqlite_utils import Database

from bot.cli import chat
from bot.cli.output import MAX_PIPED_LINE_BYTES, piped_lines
from bot.conversation.conversation import ConversationService
from bot.question_log.log import LoggedAnswer, QuestionLog
from bot.render.i18n import Language
from tests.conftest import ROOT

QUESTION = "怀柔科学城面积多大?"


def test_an_answer_with_its_source(replies: ConversationService) -> None:
    stream = io.StringIO()
    chat.show(chat.reply(QUESTION, replies, "en"), Console(file=stream, width=20))
    said = stream.getvalue()
    assert "100.9" in said
    assert "<https://www.bing.com/search?q=" in said
    assert "/start d_" in said
    assert "<a" not in said


def test_commands(replies: ConversationService) -> None:
    told = "".join(chat.reply("/help", replies, "zh"))
    assert "outlet:" in told
    assert not any(command in told for command in ("/ask", "/settings", "/status"))  # which are not here
    assert "原始创新" in "".join(chat.reply("/topics", replies, "zh"))
    assert "10 summaries" in "".join(chat.reply(" /START ", replies, "en"))
    [page] = chat.reply(QUESTION, replies, "zh")
    shown = chat.render_html(page).plain
    document = shown.partition("/start ")[2].split()[0]
    assert "100.9" in "".join(chat.reply(f"/start {document}", replies, "zh"))


def test_a_command_is_no_question(replies: ConversationService) -> None:
    assert "What is kept" in "".join(chat.reply("/privacy", replies, "en"))
    assert chat.reply(f"/ask {QUESTION}", replies, "zh") == chat.reply(QUESTION, replies, "zh")
    for command in ("/status", "/subscribe 原始创新", "/ask"):
        assert "Telegram" in "".join(chat.reply(command, replies, "en"))
    assert "below" not in "".join(chat.reply("/start", replies, "en")), "nothing stands below in a terminal"


@pytest.mark.parametrize("said", ["你好", "谢谢啊！", "Hello there!", "thanks", "在吗？", "😀", "讲个谜语"])
def test_small_talk_is_no_question_that_was_not_found(
    replies: ConversationService, question_log: QuestionLog, said: str
) -> None:
    logged: list[LoggedAnswer] = []
    question_log.listeners.append(logged.append)
    shown = "".join(chat.reply(said, replies, "en"))
    assert "/help" in shown or "/topics" in shown
    assert not logged


@pytest.mark.parametrize(
    ("said", "language", "shown"),
    [
        ("怎么使用", "en", "直接写下问题"),
        ("what else can you do", "zh", "Write a question"),
        ("哪些话题", "en", "原始创新"),
        ("how fresh is your data", "zh", "summaries"),
        ("你都存了些什么记录", "en", "记录什么"),
        ("erase my history", "zh", "What is kept"),
        ("？！", "zh", "新闻摘要"),
    ],
)
def test_commands_in_words_do_what_they_say(
    replies: ConversationService, said: str, language: Language, shown: str
) -> None:
    assert shown in "".join(chat.reply(said, replies, language))


def test_what_begins_as_small_talk_is_a_question(replies: ConversationService) -> None:
    assert "/help" not in "".join(chat.reply("你好，怀柔科学城面积多大？", replies, "zh"))


def test_questions_are_logged(replies: ConversationService, question_log: QuestionLog, tmp_path: Path) -> None:
    chat.reply(QUESTION, replies, "zh")
    question_log.close()
    db = Database(tmp_path / "bot.db")
    [row] = db.table("questions").rows
    db.close()
    assert (row["place"], row["user_id"], row["text"]) == ("terminal", None, QUESTION)


def test_a_terminal_gets_marks_where_a_pipe_gets_addresses() -> None:
    html = '<b>bold</b> <a href="https://e.org/?a=1&amp;b=2">a [red]&lt;title&gt;</a>'
    assert chat.render_html(html).plain == "bold a [red]<title> <https://e.org/?a=1&b=2>"
    painted = chat.render_html(html, clickable=True)
    assert painted.plain == "bold a [red]<title>"
    assert {str(span.style) for span in painted.spans} == {"bold", "link https://e.org/?a=1&b=2"}


def test_lines_of_a_pipe() -> None:
    stream = io.BytesIO("\ufeff一\r\n\n".encode() + b"\xed\xa0\x80\n" + b"x" * (3 * MAX_PIPED_LINE_BYTES) + b"\nlast")
    first, blank, broken, long, last = piped_lines(stream)
    assert (first, blank, last) == ("一", "", "last")
    assert set(broken) == {"\ufffd"}
    assert len(long) == MAX_PIPED_LINE_BYTES


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN"}, "en"),
        ({}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_locale_s_language(environ: Mapping[str, str], language: Language) -> None:
    assert chat.terminal_language(environ) == language


def test_a_filter_that_leaves_nothing_is_named_in_words(replies: ConversationService) -> None:
    [page] = chat.reply(f"{QUESTION} date:2019-05", replies, "en")
    assert "不限“2019-05”" in page


def test_chinese_is_read_in_a_locale_that_the_system_lacks() -> None:
    """As over ssh, which brings the locale of another machine."""
    code = "from bot.cli.chat import typed_lines; print(next(typed_lines()).encode())"
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "zh_ZZ.UTF-8", "TERM": "dumb"}
    with subprocess.Popen([sys.executable, "-c", code], stdin=theirs, stdout=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while "›".encode() not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, "最近有什么新闻\n".encode())
        process.wait(60)
        shown += os.read(ours, 65536)
    os.close(ours)
    assert repr("最近有什么新闻".encode()) in shown.decode("utf-8", "replace")
