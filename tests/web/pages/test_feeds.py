"""Atom feeds, as readers of feeds read them."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from starlette.testclient import TestClient

from retrieval.library import Library
from retrieval.model.factory import build_document
from tests.support.page import NOW, page_client
from web.render.atom import AtomHead, FeedEntry, render_atom

TOPIC = "原始创新"


@pytest.mark.parametrize("path", ["/feed.xml", f"/feed.xml?topic={quote(TOPIC)}", "/search.xml?q=怀柔科学城"])
def test_feeds_are_valid_and_lead_to_the_page(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.entries
    for entry in feed.entries:
        assert entry.link.startswith("http://testserver/d/")
        assert page.get(entry.link).status_code == 200
        assert entry.updated_parsed
        assert entry.content[0].value
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)


def test_a_search_without_an_answer_is_an_empty_feed(page: TestClient) -> None:
    feed = feedparser.parse(page.get("/search.xml?q=qwzxv").content)
    assert not feed.bozo
    assert not feed.entries
    assert page.get("/search.xml").status_code == 404
    assert page.get("/feed.xml?topic=none").status_code == 404


def test_a_revised_document_keeps_its_id_and_is_told_as_updated(fresh: Path) -> None:
    library = Library(fresh)
    names = ("消息", "经济日报", "测试")
    first = build_document(names, NOW - timedelta(days=3), None, [("", "It rose to 5 million.", ())])
    library.add([first], "news")
    with page_client(library, fresh) as page:
        [before] = feedparser.parse(page.get("/feed.xml").content).entries
        changed = build_document(names, first.published, None, [("", "It rose to 6 million.", ())])
        library.add([changed], "news")
        [after] = feedparser.parse(page.get("/feed.xml").content).entries
    library.close()
    assert after.id == before.id
    assert after.updated_parsed > before.updated_parsed
    assert "6 million" in after.content[0].value


@given(st.text(max_size=60), st.text(min_size=1, max_size=60))
def test_any_text_makes_a_well_formed_feed(title: str, text: str) -> None:
    document = build_document((title, title, title), NOW, None, [(title, text, (1,))])
    head = AtomHead(title, f"urn:x:{quote(title, errors='replace')}", "http://x/feed.xml", "http://x/")
    feed = etree.fromstring(render_atom(head, [FeedEntry(document, "http://x/d/1", NOW)], NOW))
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
