"""Buttons whose text is written by people: it must be understood where it leads."""

from bot.render.i18n import say_in
from bot.render.keyboards import topic_rows
from retrieval.language.topic_filter import read_topic_filter
from retrieval.model.results import Topic
from tests.support.documents import NOON


def test_the_search_button_of_a_topic_with_quotation_marks_leads_to_this_topic() -> None:
    name = 'the "new" steel'
    rows = topic_rows(Topic(name, 1, 1, NOON), 0, 1, say_in("en"))
    [query] = [button.inline for row in rows for button in row if button.inline]
    assert read_topic_filter(query) == name
