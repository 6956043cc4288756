"""Files that operators send, read in a process with limits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.message_joiner import join
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from tests.conftest import Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire

HEADER = "Workflow\n科创\nicon\nSearch documents\n"
DOCUMENT = "港口的新吊机\n央视新闻· 2026-01-01 08:00\nCore Viewpoint - 港口装了四台新吊机 [1].\n"


MARKDOWN = "---\ntitle: {title}\noutlet: 央视新闻\npublished: 2026-01-01 08:00\n---\n\n{text}\n"


@pytest.fixture
async def operator(fresh: Path, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[Chat]:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({7}))
    library = Library(fresh)
    services, api = Services.of(settings, library, question_log), Screen()
    application = app.assemble(settings, services, ScreenWire(api), UNLIMITED).application
    async with application:
        yield Chat(application, api, Updates())
    services.close()
    library.close()


async def test_a_refused_file_is_called_by_its_kind_in_the_operator_s_language(operator: Chat) -> None:
    [message] = await operator.send(file(operator, "report.pdf", b"%PDF-1.7"))
    assert "PDF" in message.text
    assert "读不了" in message.text
    assert ".jsonl" in message.text


@pytest.mark.parametrize(
    ("language", "body", "says"),
    [
        ("zh-hans", "今天开会的几点笔记\n第二点\n".encode(), "纯文本"),
        ("en", b"notes of a meeting\n", "plain text"),
        ("zh-hans", b"%PDF-1.7\x00", "不是文本"),
        ("en", b" \n", "empty"),
    ],
)
async def test_a_refusal_says_what_was_sent(operator: Chat, language: str, body: bytes, says: str) -> None:
    update = file(operator, "notes.txt", body)
    update["message"]["from"]["language_code"] = language
    [message] = await operator.send(update)
    assert says in message.text
    assert "Workflow" not in message.text


@pytest.mark.parametrize(("language", "says"), [("zh-hans", "缺媒体名"), ("en", "the outlet is missing")])
async def test_what_is_wrong_with_a_part_is_said_in_the_operator_s_language(
    operator: Chat, language: str, says: str
) -> None:
    update = file(operator, "a.txt", f"{HEADER}{DOCUMENT}没有媒体\n· 2026-01-01 08:00\n- 一个要点 [1].\n".encode())
    update["message"]["from"]["language_code"] = language
    [message] = await operator.send(update)
    assert f"9: {says}" in message.text


@pytest.mark.parametrize(("language", "says"), [("zh-hans", "本机所在网络的地址"), ("en", "own network")])
async def test_an_address_that_may_not_be_fetched_is_refused_in_the_operator_s_language(
    operator: Chat, language: str, says: str
) -> None:
    [message] = await operator.private("http://127.0.0.1/a.html 科创", language=language)
    assert says in message.text
    [message] = await operator.private("/feeds add http://127.0.0.1/feed", language=language)
    assert says in message.text


async def test_help_tells_operators_of_their_commands(operator: Chat) -> None:
    [message] = await operator.private("/help")
    assert all(command in message.text for command in ("/feeds", "/alias", "/stats", "/invite", "/revoke"))


def file(chat: Chat, name: str, body: bytes) -> dict[str, Any]:
    chat.api.files["f"] = body
    document = {"file_id": "f", "file_unique_id": "f", "file_name": name, "file_size": len(body)}
    return chat.updates.private(None, document=document)


async def test_an_export_is_taken_in_and_can_be_undone(operator: Chat) -> None:
    [message] = await operator.send(file(operator, "a.txt", (HEADER + DOCUMENT).encode()))
    assert "1" in message.text
    [message] = await operator.private("新吊机有几台？")
    assert "四台" in message.text
    await operator.send(file(operator, "a.txt", (HEADER + DOCUMENT).encode() + b"x" * 2_000_000))
    assert "1 MB" in operator.last()[1].text


@pytest.mark.parametrize("line", ["- a\n", "a\n", "\n", "Search documents\n", "{}\n"])
async def test_a_large_file_of_short_lines_gets_a_short_answer(operator: Chat, line: str) -> None:
    body = HEADER.encode() + line.encode() * (19_000_000 // len(line))
    [message] = await operator.send(file(operator, "a.txt", body))
    assert len(message.text) < 2000
    assert "出错了" not in message.text
    await operator.send(file(operator, "b.txt", (HEADER + DOCUMENT).encode()))
    assert "四台" in (await operator.private("新吊机有几台？"))[0].text


async def test_an_album_is_one_upload_with_one_report_and_one_way_back(operator: Chat) -> None:
    """The caption is one file's, and the topic of all."""
    bodies = {
        "a.md": MARKDOWN.format(title="港口的新吊机", text="港口装了四台新吊机。").encode(),
        "b.md": MARKDOWN.format(title="雪场的新索道", text="雪场建了七条新索道。").encode(),
        "c.pdf": b"%PDF-1.7",
        "d.txt": b"notes of a meeting\n",
    }
    parts = []
    for name, body in bodies.items():
        operator.api.files[name] = body
        document = {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": len(body)}
        caption = {"caption": "港口与雪场"} if name == "b.md" else {}
        parts.append(operator.updates.private(None, document=document, media_group_id="9", **caption))
    before = len(operator.api.sent())
    await operator.application.process_update(join([Update.de_json(one, operator.application.bot) for one in parts]))
    [report] = operator.api.sent()[before:]
    assert "新增 2" in report.text
    assert "拒收 2" in report.text
    assert "c.pdf: 这是 PDF" in report.text
    assert "d.txt: " in report.text
    topics = await operator.private("/topics")
    assert "港口与雪场" in str(topics[0].parameters)
    assert "七条" in (await operator.private("新索道有几条？"))[0].text
    number = next(number for (_, number), shown in operator.api.shown.items() if "c.pdf" in shown.html)
    await operator.press("撤回", message=number)
    assert "2" in operator.api.shown[7, number].text
    assert "七条" not in (await operator.private("新索道有几条？"))[0].text
