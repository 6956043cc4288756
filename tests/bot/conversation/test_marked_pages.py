"""Every page of an answer marks the words of the question, though a search is asked for the marks of what is shown."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.conversation.answering import EMPTY_SUMMARY, FOLLOW_UP_SPAN
from bot.conversation.conversation import ConversationService
from bot.handlers.inline import INLINE_PAGE, MAX_INLINE_RESULTS, inline_results
from bot.question_log.log import Asker, QuestionLog
from bot.render.answer import MOST_POINTS, POINTS_SHOWN, count_pages, most_shown, render_answer
from bot.render.callback_data import AnswerView
from retrieval.library import Library
from tests.support.documents import NOON

ASKER = Asker("private", 7, 7)
ASKED = [
    "中国的人工智能产业发展",
    "electric vehicle exports of China",
    "北京 research 2031",
    "robots made in 北京 since 2019",
]


@pytest.fixture
def whole(library: Library) -> Library:
    """Asked for all marks, which are compared with those of the pages."""
    return library


@pytest.fixture
def answers(data: Path, question_log: QuestionLog) -> Iterator[ConversationService]:
    """Nothing was asked of its library, so that no result of another test is kept there."""
    with closing(Library(data)) as library:
        yield ConversationService(library, question_log, "https://example.org/?q={}", "bot", lambda: NOON)


@pytest.mark.parametrize("text", ASKED)
def test_each_page_shows_what_it_would_if_all_were_marked(
    answers: ConversationService, whole: Library, text: str
) -> None:
    result = whole.search(text, MOST_POINTS, now=NOON)
    pages = count_pages(result, compact=False)
    assert pages > 2
    first = answers.ask(text, "zh", ASKER)
    for page in range(pages):
        shown = answers.view(AnswerView(first.question or 0, page), "zh", ASKER)
        assert shown
        assert shown.text == render_answer(result, answers.style("zh"), EMPTY_SUMMARY, page)
        assert "<b>" in shown.text


@pytest.mark.parametrize("text", ASKED)
def test_each_page_knows_what_its_points_lack(answers: ConversationService, whole: Library, text: str) -> None:
    result, asked = whole.search(text, MOST_POINTS, now=NOON), answers.begin_question(text, ASKER)
    for page in range(4):
        seen = most_shown(page)
        assert answers.search_logged(asked, shown=seen).hits[:seen] == result.hits[:seen]
    assert any(hit.lacks for hit in result.hits[most_shown(0) :])


@pytest.mark.parametrize("at", [3, 9])
@pytest.mark.parametrize("text", ASKED)
def test_a_point_that_the_question_before_raises_is_marked(
    answers: ConversationService, whole: Library, text: str, at: int
) -> None:
    result = whole.search(text, MOST_POINTS, now=NOON)
    before = answers.question_log.record(
        replace(
            answers.begin_question(text, ASKER), verdict="answer", points=[hit.point.id for hit in result.hits[at:]]
        )
    )
    asked = replace(answers.begin_question(text, ASKER, before=before), asked_at=NOON + FOLLOW_UP_SPAN / 2)
    matches = {hit.point.id: hit.matches for hit in result.hits}
    for hit in answers.search_logged(asked).hits[:POINTS_SHOWN]:
        assert hit.matches == matches[hit.point.id]


@pytest.mark.parametrize("text", ASKED)
def test_inline_pages_are_marked(answers: ConversationService, whole: Library, text: str) -> None:
    hits = whole.search(text, MAX_INLINE_RESULTS, now=NOON).hits
    for offset in (0, INLINE_PAGE):
        assert inline_results(answers, text, offset) == hits[offset : offset + INLINE_PAGE]
