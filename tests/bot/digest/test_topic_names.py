"""What is followed is called as its reader calls it: in cards, lists, digests and all that is said of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.container import Services
from bot.digest.digest import FoundDocument, render_digest, render_section
from retrieval.library import Library
from tests.conftest import Chat
from tests.support.stories import ingest, story

OTHER = "冰雪经济 (ice and snow economy)"


@pytest.fixture
def library(fresh: Path, tmp_path: Path) -> Iterator[Library]:
    with closing(Library(fresh)) as library:
        ingest(library, tmp_path, [story("雪季", "哈尔滨的雪场开门了。", topic="冰雪经济")])
        yield library


async def test_an_english_reader_sees_a_topic_s_english_name(chat: Chat) -> None:
    [card] = await chat.private("/subscribe 冰雪经济", language="en")
    assert f"Following: {OTHER}" in card.text
    [listed] = await chat.private("/subscriptions", language="en")
    assert OTHER in listed.text
    assert any(OTHER[:30] in label for row in chat.last()[1].labels for label in row)
    await chat.press("1.", language="en")
    assert OTHER in chat.last()[1].text
    assert OTHER in await chat.press("Unsubscribe", language="en")


async def test_a_chinese_reader_sees_it_as_it_is(chat: Chat) -> None:
    [card] = await chat.private("/subscribe 冰雪经济")
    assert "已关注：冰雪经济\n" in card.text


def test_the_head_of_a_digest_has_both_names(services: Services, library: Library) -> None:
    style, now = services.answers.style("en"), services.answers.now()
    documents = [FoundDocument(document) for document in library.recent(1, "冰雪经济")]
    [page] = render_digest([render_section("topic", "冰雪经济", documents, (), now)], now.date(), style)
    assert f"# {OTHER}" in page
    [page] = render_digest([render_section("question", "冰雪经济", documents, (), now)], now.date(), style)
    assert OTHER not in page
