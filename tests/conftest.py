import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram import Update

from bot import app
from bot.asking import Asking
from bot.journal import Journal
from bot.replies import Replies
from bot.settings import Settings
from retrieval.library import Library
from retrieval.outlets import SEARCH_ADDRESS
from tests.telegram import TOKEN, BotApi, Call, Updates, Wire

ROOT = Path(__file__).parent.parent

# What `app.build` sets for the process: errors that tests make by themselves ask for it too.
os.environ.setdefault("PTB_TIMEDELTA", "true")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in use, with the seeds in it; tests only read it."""
    folder = tmp_path_factory.mktemp("data")
    library = Library(folder)
    library.ingest((ROOT / "seeds",))
    library.warm()  # compiles the dictionary, which the copies of this folder need not do again
    library.close()
    return folder


@pytest.fixture
def fresh(data: Path, tmp_path: Path) -> Path:
    """A data folder without a corpus; the dictionary is there already, since compiling it takes long."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(data / "lexicon.db", folder)
    return folder


@pytest.fixture(scope="session")
def library(data: Path) -> Iterator[Library]:
    library = Library(data)
    yield library
    library.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "bot.db")
    yield journal
    journal.close()


@pytest.fixture
def replies(library: Library, journal: Journal) -> Replies:
    return Replies(library, journal, SEARCH_ADDRESS)


@dataclass
class Chat:
    """The bot behind the double of the wire: give it an update, get the messages it sent for that."""

    application: app.App
    api: BotApi
    updates: Updates

    async def send(self, update: dict[str, Any]) -> list[Call]:
        before = len(self.api.sent())
        await self.application.process_update(Update.de_json(update, self.application.bot))
        return self.api.sent()[before:]

    async def private(self, text: str | None = None, **extra: Any) -> list[Call]:
        return await self.send(self.updates.private(text, **extra))

    async def group(self, text: str | None = None, **extra: Any) -> list[Call]:
        return await self.send(self.updates.group(text, **extra))


@pytest.fixture
async def chat(replies: Replies) -> AsyncIterator[Chat]:
    api = BotApi()
    asking = Asking(lambda name: replace(replies, bot_name=name))
    application = app.build(Settings(token=SecretStr(TOKEN)), asking, Wire(api))
    async with application:
        yield Chat(application, api, Updates())
    await asyncio.sleep(0)
