"""Lists of documents by topic, outlet and month, and what a document said before."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import build_document
from retrieval.storage.listing import DocumentChoice, DocumentListing, Facet
from retrieval.storage.mapping import MAX_REVISIONS

# an hour before midnight of the last of a month in Beijing, when it is still afternoon in UTC
LAST = datetime(2025, 7, 31, 23, 30, tzinfo=BEIJING)


def news(number: int, text: str, outlet: str = "经济日报", topic: str = "测试") -> Document:
    return build_document((f"消息{number}", outlet, topic), LAST + timedelta(hours=number), None, [("", text, (1,))])


def test_choices_and_facets_count_the_same(fresh: Path) -> None:
    documents = [news(0, "a"), news(1, "b", "新京报"), news(2, "c", "新京报"), news(3, "d", topic="别的")]
    with closing(Library(fresh)) as library, closing(DocumentListing(fresh / "corpus.db")) as listing:
        before = listing.version()
        library.add(documents, "news")
        assert listing.version() != before
        topic = DocumentChoice("测试")
        assert listing.outlets(topic) == [Facet("新京报", 2), Facet("经济日报", 1)]
        assert listing.months(topic) == [Facet("2025-08", 2), Facet("2025-07", 1)]
        for facet in listing.outlets(topic):
            assert listing.count(DocumentChoice("测试", facet.value)) == facet.documents
        for facet in listing.months(DocumentChoice()):
            assert len(listing.documents(DocumentChoice(month=facet.value), 10)) == facet.documents
        assert [one.title for one in listing.documents(topic, 2, 1)] == ["消息1", "消息0"]
        assert listing.count(DocumentChoice("'; DROP TABLE documents")) == 0


def test_former_revisions_are_kept_and_go_with_their_document(fresh: Path) -> None:
    with closing(Library(fresh)) as library, closing(DocumentListing(fresh / "corpus.db")) as listing:
        for number in range(MAX_REVISIONS + 5):
            library.add([news(0, f"version {number}")], "news")
            library.add([news(0, f"version {number}")], "news")  # unchanged
        [id] = [document.id for document in library.recent(1)]
        found = listing.revisions(id)
        assert [one.points[0].text for one in found[:2]] == [f"version {MAX_REVISIONS + n}" for n in (3, 2)]
        assert found[0].points[0].citations == (1,)
        assert len(found) == MAX_REVISIONS
        assert listing.revised([id, "none"]) == {id: found[0].ended}
        library.remove([id])
        assert listing.revisions(id) == []


@pytest.mark.parametrize("limit", [0, 1])
def test_an_empty_corpus_has_nothing(fresh: Path, limit: int) -> None:
    with closing(Library(fresh)), closing(DocumentListing(fresh / "corpus.db")) as listing:
        assert listing.documents(DocumentChoice(), limit) == []
        assert listing.outlets(DocumentChoice()) == []
