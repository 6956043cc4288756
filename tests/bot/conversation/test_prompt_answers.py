"""A question that stands for itself is answered without a thread, as it is in one; all else is left to a thread."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation.conversation import ConversationService
from bot.conversation.prompt_answers import PromptAnswers
from bot.conversation.search_line import LoopSearch
from bot.question_log.log import Asker, QuestionLog
from bot.render.reply import Reply
from retrieval.library import Library
from retrieval.search_process import SearchProcess
from tests.support.documents import NOON
from tests.support.stories import ingest, story

ASKER = Asker("private", 7, 7)
STORIES = [
    story("Steel", "Steel output fell by 3% in Tangshan.", "Mills lost money."),
    story("Rice", "Farmers planted rice near Harbin.", "Rice output rose by 2%."),
    *(story(place, f"Wheat harvests grew in {place}.") for place in ("Anhui", "Hebei", "Henan", "Jiangsu", "Shandong")),
]
PLACES = {1: "Anhui", 2: "Shandong", 3: "Anhui", 4: "Shandong"}  # by user
NUMBER = re.compile(r":[0-9a-z]{12}\b")


@pytest.fixture
def library(fresh: Path, tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
    with closing(Library(tmp_path)) as library:
        ingest(library, tmp_path, STORIES)
        with closing(SearchProcess(tmp_path, "off")) as process:
            library.search_in(process)
            library.warm()
            yield library


@pytest.fixture
def answers(library: Library, tmp_path: Path) -> Iterator[ConversationService]:
    with closing(QuestionLog(tmp_path / "bot.db")) as question_log:
        yield ConversationService(library, question_log, "https://example.org/?q={}", "bot", lambda: NOON)


@pytest.fixture
def prompt(library: Library) -> Iterator[PromptAnswers]:
    with closing(LoopSearch(library.take_line_end)) as search:
        yield PromptAnswers(search)


def shown(reply: Reply | None) -> object:
    """Without the question's number, which its buttons carry."""
    return reply and (reply.text, NUMBER.sub(":n", repr(reply.rows)), reply.composable)


def later(answers: ConversationService, **passed: float) -> ConversationService:
    at: datetime = NOON + timedelta(**passed)
    return replace(answers, now=lambda: at)


@pytest.mark.parametrize("text", ["steel output in Tangshan", "钢铁产量", "/ask rice output", "unheard-of quokkas"])
async def test_the_answer_is_that_of_a_thread(answers: ConversationService, prompt: PromptAnswers, text: str) -> None:
    reply = await prompt.ask(answers, text, "en", ASKER)
    assert reply
    logged = answers.question_log.question(reply.question or 0)
    assert logged
    assert logged.text == text.removeprefix("/ask ")
    assert shown(reply) == shown(answers.ask(text, "en", replace(ASKER, user=8, chat=8)))


async def test_what_occurs_nowhere_is_said_to_be_unknown_as_in_a_thread(
    answers: ConversationService, prompt: PromptAnswers
) -> None:
    text = "what is tesla near"  # 'near' occurs, so that the search alone would not be sure
    unknown = answers.ask(text, "en", replace(ASKER, user=8, chat=8))
    assert "Harbin" not in unknown.text
    assert shown(await prompt.ask(answers, text, "en", ASKER)) == shown(unknown)


async def test_an_earlier_question_raises_its_documents_as_in_a_thread(
    answers: ConversationService, prompt: PromptAnswers
) -> None:
    for asker in (ASKER, replace(ASKER, user=8, chat=8)):
        answers.ask("rice near Harbin", "en", asker)
    after = later(answers, minutes=5)
    reply = await prompt.ask(after, "output of the year", "en", ASKER)
    assert reply
    assert shown(reply) == shown(after.ask("output of the year", "en", replace(ASKER, user=8, chat=8)))
    logged = [answers.question_log.last(ASKER, NOON), answers.question_log.last(replace(ASKER, user=8, chat=8), NOON)]
    assert all(one and one.before for one in logged)


async def test_the_documents_of_an_earlier_question_are_the_same_after_a_restart(
    answers: ConversationService, prompt: PromptAnswers, tmp_path: Path
) -> None:
    with closing(QuestionLog(tmp_path / "bot.db")) as written:
        for user in (1, 2):
            replace(answers, question_log=written).ask(
                f"harvests of {PLACES[user]}", "en", replace(ASKER, user=user, chat=user)
            )
    for user in (3, 4):
        answers.ask(f"harvests of {PLACES[user]}", "en", replace(ASKER, user=user, chat=user))
    after = later(answers, minutes=5)
    askers = {user: replace(ASKER, user=user, chat=user) for user in PLACES}
    replies = {user: await prompt.ask(after, "wheat harvests", "en", one) for user, one in askers.items()}
    for user, reply in replies.items():
        assert reply
        assert reply.text.startswith(f"<b>Wheat harvests</b> grew in {PLACES[user]}.")
    assert shown(replies[1]) == shown(replies[3])
    assert shown(replies[2]) == shown(replies[4])


@pytest.mark.parametrize("text", ["", "what is new", "thanks", "and in Harbin?", "why?", "who bought it?", "谁说的"])
async def test_requests_and_what_needs_the_message_before_take_a_thread(
    answers: ConversationService, prompt: PromptAnswers, text: str
) -> None:
    answers.ask("rice near Harbin", "en", ASKER)
    assert await prompt.ask(answers, text, "en", ASKER) is None


async def test_after_a_list_of_what_is_new_a_thread_finds_the_question_before(
    answers: ConversationService, prompt: PromptAnswers
) -> None:
    assert await prompt.ask(answers, "steel output", "en", ASKER)
    answers.ask("what is new", "en", ASKER)
    assert await prompt.ask(answers, "steel output", "en", ASKER) is None
