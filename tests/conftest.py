import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pydantic import SecretStr
from telegram import Update

from bot.app import application as app
from bot.container import Services
from bot.conversation.conversation import ConversationService
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.command_menu import COMMANDS
from bot.transport.routing import classify_update
from bot.transport.send_scheduler import UNLIMITED
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer
from retrieval.library import Library
from retrieval.model.outlets import SEARCH_ADDRESS
from retrieval.runtime.sandbox import Sandbox
from tests.support.telegram import TOKEN, Call, Updates
from tests.support.telegram_screen import Screen, ScreenWire, Shown

PERSON = {"id": 7, "is_bot": False, "first_name": "李", "language_code": "zh-hans"}

ROOT = Path(__file__).parent.parent

# What `app.assemble` sets for the process: errors that tests make by themselves ask for it too.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# What the encoder finds is asked for by the tests of it; all others are of words.
os.environ.setdefault("ZHIDIAN_SEMANTIC", "off")

# How long an example takes says more of the machine and its other work than of the code.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Said aloud where a machine lacks what a part of the README is tested with: a dot among a thousand is not seen."""
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reason for reason in skipped if "NOT TESTED" in reason):
        terminalreporter.write_line(reason, yellow=True, bold=True)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A data folder in use, with the seeds in it; tests only read it."""
    folder = tmp_path_factory.mktemp("data")
    # Compiling the dictionary takes longest; one that a former run compiled is taken if it is still current.
    compiled = request.config.cache.mkdir("dictionary") / "lexicon.bin" if request.config.cache else None
    if compiled and compiled.exists():
        shutil.copy(compiled, folder / "lexicon.bin")
    library = Library(folder)
    library.ingest((ROOT / "seeds",))
    library.warm()
    library.close()
    if compiled:
        shutil.copy(folder / "lexicon.bin", compiled)
    return folder


@pytest.fixture(scope="session")
def lexicon(data: Path) -> Iterator[Lexicon]:
    lexicon = Lexicon(data / "lexicon.bin")
    yield lexicon
    lexicon.close()


@pytest.fixture(scope="session")
def words(data: Path, lexicon: Lexicon) -> Tokenizer:
    return Tokenizer(data / "cache", lexicon.joined)


@pytest.fixture
def fresh(data: Path, tmp_path: Path) -> Path:
    """A data folder without a corpus; the dictionary is there already, since compiling it takes long."""
    folder = tmp_path / "data"
    (folder / "cache").mkdir(parents=True)
    for made in (data / "lexicon.bin", *(data / "cache").iterdir()):
        shutil.copy(made, folder / made.relative_to(data))
    return folder


@pytest.fixture(scope="session")
def library(data: Path) -> Iterator[Library]:
    library = Library(data)
    yield library
    library.close()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One process for all tests: it takes a second to start."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def question_log(tmp_path: Path) -> Iterator[QuestionLog]:
    question_log = QuestionLog(tmp_path / "bot.db")
    yield question_log
    question_log.close()


@pytest.fixture
def replies(library: Library, question_log: QuestionLog) -> ConversationService:
    return ConversationService(library, question_log, SEARCH_ADDRESS)


@pytest.fixture
def services(library: Library, question_log: QuestionLog, tmp_path: Path) -> Iterator[Services]:
    services = Services.of(Settings(token=SecretStr(TOKEN), data=tmp_path), library, question_log)
    yield services
    services.close()


@dataclass
class Chat:
    """The bot behind the double of the wire: give it an update, get the messages it sent for that."""

    application: app.App
    api: Screen
    updates: Updates

    async def send(self, update: dict[str, Any]) -> list[Call]:
        before = len(self.api.sent())
        await self._receive(update)
        return self.api.sent()[before:]

    async def private(self, text: str | None = None, **extra: Any) -> list[Call]:
        return await self.send(self.updates.private(text, **extra))

    async def group(self, text: str | None = None, **extra: Any) -> list[Call]:
        return await self.send(self.updates.group(text, **extra))

    async def update(self, kind: str, **fields: Any) -> list[Call]:
        """Another kind of update; every call that was made for it."""
        before = len(self.api.calls)
        await self._receive({"update_id": 1, kind: {"from": PERSON, **fields}})
        return self.api.calls[before:]

    async def _receive(self, update: dict[str, Any]) -> None:
        """As the inbox does, but at any time and again: handlers get only what is for the bot."""
        read = Update.de_json(update, self.application.bot)
        if classify_update(read, self.application.bot.bot, COMMANDS) != "nowhere":
            await self.application.process_update(read)

    def last(self, chat: int = 7) -> tuple[int, Shown]:
        """The newest message in a chat and its number."""
        number = max(message for where, message in self.api.shown if where == chat)
        return number, self.api.shown[chat, number]

    async def press(
        self, label: str, chat: int = 7, message: int = 0, user: int = 7, language: str = "zh-hans", data: str = ""
    ) -> str:
        """Presses the button whose label has these words, below the newest message; what it says."""
        message = message or self.last(chat)[0]
        rows = self.api.shown[chat, message].rows if (chat, message) in self.api.shown else []
        code = data or next(button["callback_data"] for row in rows for button in row if label in button["text"])
        where = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        calls = await self.update(
            "callback_query",
            **{"from": PERSON | {"id": user, "language_code": language}},
            id="1",
            chat_instance="1",
            data=code,
            message={
                "message_id": message,
                "date": 1,
                "chat": where,
                "text": "…",
                "reply_markup": {"inline_keyboard": rows},
            },
        )
        [answer] = [call for call in calls if call.method == "answerCallbackQuery"]
        return str(answer.parameters.get("text", ""))


@pytest.fixture
async def chat(services: Services, tmp_path: Path) -> AsyncIterator[Chat]:
    api = Screen()
    application = app.assemble(
        Settings(token=SecretStr(TOKEN), data=tmp_path), services, ScreenWire(api), UNLIMITED
    ).application
    async with application:
        yield Chat(application, api, Updates())
    await asyncio.sleep(0)
