"""A walk through every command and button in both languages, as a new user would take it; docs/walk.*.md keep it.

`ZHIDIAN_WRITE_WALK=1 pytest tests/test_walk.py` writes it anew.
"""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from tests.conftest import ROOT, Chat
from tests.support.telegram import ME, NAME, TOKEN, Updates
from tests.support.telegram_html import parse
from tests.support.telegram_screen import Screen, ScreenWire

DOCS = ROOT / "docs"
WRITE = "ZHIDIAN_WRITE_WALK=1 pytest tests/test_walk.py"
NOW = datetime(2025, 8, 20, 9, tzinfo=BEIJING)
SAID: dict[str, dict[str, Any]] = {
    "zh": {
        "question": "怀柔科学城面积多大?",
        "broad": "原始创新",
        "place": "北京有哪些科技创新平台?",
        "follow": "那湖北呢?",
        "reply": "上海",
        "near": "上海的研发强度是多少?",
        "nothing": "qwzxv jkqpt",
        "spoken": (
            *(
                "最近有什么新闻",
                "更多",
                "介绍一下怀柔科学城",
                "谁说的",
                "详细一点",
                "翻译成中文",
                "北京和湖北谁的研发强度高",
            ),
            *("你能做什么", "谢谢", "不对", "每天晚上八点半推送原始创新", "有哪些主题"),
        ),
    },
    "en": {
        "question": "How large is Huairou Science City?",
        "broad": "original innovation",
        "place": "How many innovation platforms are there in Beijing?",
        "follow": "and in Hubei?",
        "reply": "Shanghai",
        "near": "What is the R&D intensity of Shanghai?",
        "nothing": "qwzxv jkqpt",
        "spoken": (
            *(
                "What's new?",
                "more",
                "tell me about Huairou Science City",
                "who said that",
                "tell me more",
                "in Chinese please",
            ),
            *("compare Beijing and Hubei on R&D", "what can you do", "thanks a lot"),
            "wrong",
            *("send me 原始创新 every evening at half past eight", "what topics do you have"),
        ),
    },
}


@dataclass
class Walk:
    """Writes down what is done and what is seen after it."""

    chat: Chat
    tongue: str
    language: str
    place: int = 7
    lines: list[str] = field(default_factory=list)
    seen: tuple[int, str] = (0, "")

    def head(self, text: str) -> None:
        self.lines.append(f"\n## {text} ({self.language})\n")

    async def say(self, text: str | None, **extra: object) -> None:
        shown = text or "(a sticker)"
        self.lines.append(f"**› {shown}**\n")
        send = self.chat.private if self.place > 0 else self.chat.group
        await send(text, language=self.tongue, **extra)
        self.see()

    async def press(self, label: str) -> None:
        number, shown = self.chat.last(self.place)
        found = next(text for row in shown.labels for text in row if label in text)
        toast = await self.chat.press(found, chat=self.place, message=number, language=self.tongue)
        self.lines.append(f"**› [{found}]**" + (f" *{toast}*" if toast else "") + "\n")
        self.see()

    def see(self) -> None:
        number, shown = self.chat.last(self.place)
        stays = (number, shown.html) == self.seen
        self.seen = number, shown.html
        text = "*(the text stays)*" if stays else marked(shown.html)
        self.lines += [f"> {line}".rstrip() for line in text.splitlines()]
        self.lines += ["", *("`[" + "] [".join(row) + "]`  " for row in shown.labels), ""]

    def note(self, text: str) -> None:
        self.lines.append(text + "\n")


def marked(html: str) -> str:
    """Telegram's markup as Markdown; a fold is shown open."""
    text = re.sub(r'<a href="[^"]*">(.*?)</a>', r"[\1]", html)
    text = re.sub(r"</?b>", "**", text)
    text = re.sub(r"</?i>", "*", text)
    text = re.sub(r"<blockquote[^>]*>", "▾ ", text).replace("</blockquote>", "")
    return (
        text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
    )


async def in_private(walk: Walk) -> None:
    said, zh = SAID[walk.language], walk.language == "zh"
    walk.head("A private chat")
    await walk.say("/start")
    first = walk.chat.last()[1].labels[0][0]
    await walk.press(first)
    await walk.say(said["question"])
    await walk.press("⋯")
    await walk.press("👍")
    await walk.press("👎")
    await walk.press("内容过时" if zh else "Outdated")
    await walk.press("◂")
    await walk.press("◂")
    await walk.press("📄")
    await walk.press("◂")
    await walk.say(said["broad"])
    await walk.press("▸")
    await walk.press("◂")
    await walk.say(said["place"])
    await walk.say(said["follow"])
    if any(
        "◂" not in label and ("只看" in label or "Only" in label) for row in walk.chat.last()[1].labels for label in row
    ):
        await walk.press("只看" if zh else "Only")
    await walk.say(said["near"])
    await in_plain_words(walk)
    await walk.say("/topics")
    await walk.press("原始创新")
    await walk.press("›")
    await walk.press("主题" if zh else "topics")
    await walk.say("/subscribe 原始创新 07:30")
    await walk.say(said["nothing"])
    await walk.press("🔔")
    await walk.say("/subscriptions")
    await walk.say("/digest")
    await walk.say("/ask")
    await walk.say("/help")
    await walk.say("/status")
    await walk.say("/privacy")
    await walk.say("/settings")
    for label in (
        "语言" if zh else "Language",
        "◂",
        "时间" if zh else "Time",
        "07:30",
        "时区" if zh else "Time zone",
        "北京时间" if zh else "Beijing time",
        "允许" if zh else "operator see",
        "不公开" if zh else "private",
    ):
        await walk.press(label)
    walk.note("**› /export**\n\n> 📎 zhidian.json")
    await walk.chat.private("/export", language=walk.tongue)
    await walk.say("/invite")
    await walk.say("/feeds")
    await walk.say("/topic")
    await walk.say("/web")
    await walk.say("/alias")
    await walk.say("/stats")
    await walk.say("/revoke")
    await walk.say("/forget")
    await walk.press("是，" if zh else "Yes")


async def in_plain_words(walk: Walk) -> None:
    for words in SAID[walk.language]["spoken"]:
        await walk.say(words)
    await walk.say(SAID[walk.language]["nothing"])
    await walk.say(None, dice={"emoji": "🎲", "value": 1})


async def in_a_group(walk: Walk, topic: bool) -> None:
    said = SAID[walk.language]
    walk.head("A forum topic" if topic else "A group")
    walk.place = -1007
    there = {"message_thread_id": 42, "is_topic_message": True} if topic else {}
    await walk.say(f"/ask {said['question']}", **there)
    mention = f"@{NAME} {said['broad']}"
    await walk.say(mention, entities=[{"type": "mention", "offset": 0, "length": len(NAME) + 1}], **there)
    await walk.press("▸")
    await walk.press("📄")
    await walk.press("◂")
    ours = {"message_id": walk.chat.last(-1007)[0], "date": 1, "chat": {"id": -1007, "type": "supergroup"}, "from": ME}
    await walk.say(said["reply"], reply_to_message=ours, **there)
    for command in ("/topics", "/status", "/help", "/privacy", "/settings"):
        await walk.say(command, **there)
    if topic:
        sent = walk.chat.api.sent()
        assert {call.parameters.get("message_thread_id") for call in sent if call.parameters["chat_id"] == -1007} >= {
            42
        }


async def in_any_chat(walk: Walk) -> None:
    walk.head("Inline")
    for query in ("", SAID[walk.language]["question"]):
        walk.note(f"**› @{NAME} {query}**")
        who = {"id": 7, "is_bot": False, "first_name": "李", "language_code": walk.tongue}
        [call] = await walk.chat.update("inline_query", **{"from": who}, id="1", query=query, offset="")
        results = call.parameters["results"]
        walk.lines += [f"* **{result['title']}** – {result['description'][:80]}" for result in results[:3]]
        walk.note(f"\n… {len(results)} results; `[{call.parameters['button']['text']}]`; the first one, sent:\n")
        html = results[0]["input_message_content"]["message_text"]
        assert parse(html)
        walk.lines += [f"> {line}" for line in marked(html).splitlines()] + [""]


@pytest.fixture
async def chat(library: Library, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[Chat]:
    """On one day, so that ages stay."""
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, questions_per_minute=1000)
    seconds = count()
    services = Services.of(settings, library, question_log, now=lambda: NOW + timedelta(seconds=next(seconds)))
    api = Screen()
    async with app.assemble(settings, services, ScreenWire(api), UNLIMITED).application as application:
        yield Chat(application, api, Updates())
    services.close()


@pytest.mark.parametrize(("language", "tongue"), [("zh", "zh-hans"), ("en", "en-GB")])
async def test_the_walk_is_as_the_transcript_says(chat: Chat, language: str, tongue: str) -> None:
    walk = Walk(chat, tongue, language)
    await in_private(walk)
    await in_a_group(walk, topic=False)
    await in_a_group(replace(walk), topic=True)
    await in_any_chat(walk)
    written = "\n".join(walk.lines).strip() + "\n"
    path = DOCS / f"walk.{language}.md"
    if os.environ.get("ZHIDIAN_WRITE_WALK"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"# A walk through the bot\n\nMade by tests/test_walk.py; buttons stand in brackets.\n\n{written}", "utf-8"
        )
    assert written in path.read_text("utf-8"), f"what is seen has changed: read it, then {WRITE} writes {path} anew"
    typed = set(re.findall(r"^\*\*› /([a-z]+)", written, re.MULTILINE))
    assert typed >= COMMANDS
