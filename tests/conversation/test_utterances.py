"""A script of what people type, sent through the real handlers: utterances.tsv says what must come.

The encoder is off, as in most tests: what it adds is measured in benchmarks/conversation.md.
"""

import itertools
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import Asker, LoggedAnswer, QuestionLog
from bot.render.callback_data import Operation, decode
from bot.render.i18n import Language, say_in
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from tests.conftest import ROOT, Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_html import parse
from tests.support.telegram_screen import Screen, ScreenWire, Shown

SCRIPT = Path(__file__).parent / "utterances.tsv"
NOW = datetime(2025, 11, 20, 9, tzinfo=BEIJING)
TONGUES: dict[str, Language] = {"zh": "zh", "en": "en"}
TITLE = re.compile(r"<a href=[^>]*>(.*?)</a>")
PERSON = 7


@dataclass(frozen=True)
class Utterance:
    line: int
    language: str
    said: str
    must: tuple[str, ...]


def conversations() -> list[list[Utterance]]:
    """Blocks between blank lines and comments."""
    blocks: list[list[Utterance]] = [[]]
    for number, line in enumerate(SCRIPT.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            blocks.append([])
            continue
        language, said, *must = line.split("\t")
        blocks[-1].append(Utterance(number, language, said, tuple(must[0].split(" & ")) if must else ()))
    return [block for block in blocks if block]


@pytest.fixture(scope="module")
def library(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The seeds and the topics of tests/quality."""
    folder = tmp_path_factory.mktemp("conversation")
    shutil.copy(data / "lexicon.bin", folder)
    shutil.copytree(data / "cache", folder / "cache")
    library = Library(folder)
    library.ingest((ROOT / "seeds", *sorted((ROOT / "tests" / "quality").glob("*.txt"))))
    yield library
    library.close()


@pytest.fixture
async def chat(library: Library, question_log: QuestionLog, tmp_path: Path) -> AsyncIterator[Chat]:
    settings = Settings(token=SecretStr(TOKEN), data=tmp_path, questions_per_minute=1000)
    seconds = itertools.count()
    services = Services.of(settings, library, question_log, now=lambda: NOW + timedelta(seconds=next(seconds)))
    api = Screen()
    async with app.assemble(settings, services, ScreenWire(api), UNLIMITED).application as application:
        yield Chat(application, api, Updates())
    services.close()


@pytest.mark.parametrize("said", conversations(), ids=lambda block: f"line {block[0].line}")
async def test_what_is_said_gets_what_is_meant(said: list[Utterance], chat: Chat, question_log: QuestionLog) -> None:
    wrong = []
    for one in said:
        before = last_question(question_log)
        sent = await chat.private(one.said, language=one.language if one.language in TONGUES else "zh")
        asked = last_question(question_log)
        if one.language in TONGUES:
            new = asked if asked and (before is None or asked.id != before.id) else None
            texts = [parse(call.parameters["text"])[0] for call in sent]
            shown = chat.last()[1]
            failed = [must for must in one.must if not holds(must, shown, new, TONGUES[one.language])]
            wrong += [f"line {one.line}: {one.said}: {failed}\n    {' | '.join(texts)[:300]}"] if failed else []
    assert not wrong, "\n".join(wrong)


def holds(must: str, shown: Shown, asked: LoggedAnswer | None, language: Language) -> bool:
    kind, _, value = must.partition("=")
    titles = [parse(title)[0] for title in TITLE.findall(shown.html)]
    codes = [button.get("callback_data", "") for row in shown.rows for button in row]
    operations = {decode(code)[0] for code in codes}
    conditions: dict[str, Callable[[], bool]] = {
        "doc": lambda: any(value in title for title in titles),
        "first": lambda: value in "".join(titles[:1]),
        "point": lambda: value in shown.text,
        "not": lambda: value not in shown.text,
        "sure": lambda: asked is not None and asked.verdict == "answer",
        "hedged": lambda: asked is not None and asked.verdict != "answer",
        "unlogged": lambda: asked is None,
        "button": lambda: Operation[value] in operations,
        "no": lambda: Operation[value] not in operations,
        "text": lambda: say_in(language)(value) in shown.text,
    }
    return conditions[kind]()


def last_question(question_log: QuestionLog) -> LoggedAnswer | None:
    return question_log.last(Asker("private", PERSON, PERSON), NOW - timedelta(days=1))


def test_the_script_is_long_and_in_both_languages() -> None:
    every = [one for block in conversations() for one in block if one.must]
    assert len(every) >= 200
    assert {one.language for one in every} == set(TONGUES)
    assert len({(one.language, one.said, one.must) for one in every}) == len(every)
