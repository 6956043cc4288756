"""The corpus, in real SQLite: what comes in, what is read, what an index sees of a change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import Document
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import ChangeCounts, CorpusTotals, IndexRow, PointTokens, Tokens
from tests.support.documents import analyse, document, matching


@pytest.fixture(params=["memory", "file"])
def corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Corpus]:
    corpus = Corpus(tmp_path / "data" / "corpus.db" if request.param == "file" else None)
    yield corpus
    corpus.close()


def keys(corpus: Corpus) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in corpus.rows():
        found.setdefault(row.title, []).append(row.point)
    return found


def test_an_empty_corpus_has_nothing_to_say(corpus: Corpus) -> None:
    assert corpus.counts() == CorpusTotals(0, 0, None, None, 0)
    assert (corpus.topics(), corpus.recent(5), corpus.after(0), corpus.tombstones()) == ([], [], [], [])
    assert (corpus.document("0" * 16), corpus.hits([1, 2]), list(corpus.rows())) == (None, {}, [])
    assert corpus.fingerprint() is None
    assert corpus.add([], analyse) == ChangeCounts()


def test_what_went_in_comes_out(corpus: Corpus) -> None:
    one, two = document("A", "x", "y", url="https://ce.cn/a"), document("B", "z", topic="储能", minutes=1)
    assert corpus.add([one, two], analyse) == ChangeCounts(new=2, points=3)
    assert corpus.document(one.id) == one
    assert corpus.recent(5) == [two, one]
    assert corpus.counts() == CorpusTotals(2, 3, one.published, two.published, 2)
    assert [(topic.name, topic.documents, topic.points, topic.newest) for topic in corpus.topics()] == [
        ("储能", 1, 1, two.published),
        ("科创", 1, 2, one.published),
    ]
    first, *_, last = corpus.rows()
    assert (first.point, first.text, first.section, first.title) == (1, "x", "group 0", "a")
    assert (last.outlet, last.published, last.topics, last.document) == ("经济日报", two.published, ("储能",), 2)


def test_twice_changes_nothing_and_is_not_analysed(corpus: Corpus) -> None:
    corpus.add([document("A", "x")], analyse)
    before = list(corpus.rows())
    asked: list[Document] = []

    def listening(document: Document) -> Tokens:
        asked.append(document)
        return analyse(document)

    assert corpus.add([document("A", "x"), document("B", "y")], listening) == ChangeCounts(new=1, unchanged=1, points=1)
    assert [found.title for found in asked] == ["B"]
    assert list(corpus.rows())[:1] == before


@pytest.mark.parametrize("texts", [("y", "x"), ("x",), ("x", "y", "z"), ("x", "Y"), ()])
def test_other_points_make_a_revision_with_fresh_keys(corpus: Corpus, texts: tuple[str, ...]) -> None:
    corpus.add([document("A", "x", "y"), document("B", "z")], analyse)
    revised = document("A", *texts)
    assert corpus.add([revised], analyse) == ChangeCounts(changed=1, points=len(texts))
    assert corpus.document(revised.id) == revised
    assert [tombstone.point for tombstone in corpus.tombstones()] == [1, 2]
    assert [row.point for row in corpus.rows()] == [3, *range(4, 4 + len(texts))]
    assert [seen for seen, _ in corpus.after(0)] == [1, 2]


def test_other_citations_make_a_revision_too(corpus: Corpus) -> None:
    one = document("A", "x")
    corpus.add([one], analyse)
    cited = replace(one, points=(replace(one.points[0], citations=(9,)),))
    assert corpus.add([cited], analyse).changed == 1
    assert corpus.document(one.id) == cited


def test_another_topic_is_no_change_but_the_index_learns_of_it(corpus: Corpus) -> None:
    corpus.add([document("A", "x", "y")], analyse)
    assert corpus.add([document("A", "x", "y", topic="储能")], analyse) == ChangeCounts(unchanged=1)
    assert [row.topics for row in corpus.rows(after_key=2)] == [("科创", "储能")] * 2
    assert [(row.point, row.text) for row in corpus.rows()] == [(3, "x"), (4, "y")]
    assert [tombstone.point for tombstone in corpus.tombstones(after_seq=1)] == [2]
    assert [topic.name for topic in corpus.topics()] == ["储能", "科创"]
    assert [found.title for found in corpus.recent(5, topic="储能")] == ["A"]
    assert corpus.add([document("A", "x", "y")], analyse) == ChangeCounts(unchanged=1)
    assert corpus.counts().points == 2
    assert [row.point for row in corpus.rows()] == [3, 4]


def test_an_address_may_come_later_and_stays(corpus: Corpus) -> None:
    one = document("A", "x")
    corpus.add([one], analyse)
    assert corpus.add([replace(one, url="https://ce.cn/a")], analyse) == ChangeCounts(changed=1, points=1)
    assert corpus.add([one], analyse) == ChangeCounts(unchanged=1)
    assert corpus.document(one.id) == replace(one, url="https://ce.cn/a")
    assert keys(corpus) == {"a": [2]}  # who follows the keys learns of the address


def test_the_same_document_twice_at_once_is_one(corpus: Corpus) -> None:
    twice = [document("A", "x", url="https://ce.cn/a"), document("A", "y", topic="储能")]
    assert corpus.add(twice, analyse) == ChangeCounts(new=1, points=1)
    (found,) = corpus.recent(5)
    assert (found.points[0].text, found.topics, found.url) == ("y", ("科创", "储能"), "https://ce.cn/a")


def test_what_was_removed_stays_away(corpus: Corpus) -> None:
    one, two = document("A", "x", "y"), document("B", "z")
    corpus.add([one, two], analyse)
    assert corpus.remove([one.id, "0" * 16]) == 1
    assert corpus.document(one.id) is None
    assert [tombstone.point for tombstone in corpus.tombstones()] == [1, 2]
    assert corpus.add([one, two], analyse) == ChangeCounts(unchanged=1, removed=1)
    assert corpus.remove([two.id]) == 1
    assert corpus.counts() == CorpusTotals(0, 0, None, None, 2)
    corpus.add([document("C", "w")], analyse)
    assert [(row.document, row.point) for row in corpus.rows()] == [(3, 4)]


def test_the_vectors_of_what_is_removed_go_with_it(corpus: Corpus) -> None:
    """Also where no encoder is there to see to it."""
    one, two = document("A", "x", "y"), document("B", "z")
    corpus.add([one, two], analyse)
    vectors = [{"encoder": "e", "id": point.id, "section": "", "chinese": 0, "vector": b""} for point in one.points]
    vectors.append(vectors[0] | {"id": two.points[0].id})
    corpus._writer.table("vectors").insert_all(vectors)
    corpus.remove([one.id])
    assert [row["id"] for row in corpus._writer.table("vectors").rows] == [two.points[0].id]


def test_a_failure_leaves_everything_as_it_was(corpus: Corpus) -> None:
    corpus.add([document("A", "x")], analyse)
    before = corpus.recent(5), list(corpus.rows()), corpus.tombstones()
    with pytest.raises(UnicodeEncodeError):
        corpus.add([document("A", "y"), document("B", "z"), document("C", "\ud800")], lambda _: Tokens("", ()))
    with pytest.raises(ValueError, match="zip"):
        corpus.add([document("A", "y"), document("B", "z")], lambda _: Tokens("", ()))
    assert (corpus.recent(5), list(corpus.rows()), corpus.tombstones()) == before
    assert corpus.add([document("B", "z")], analyse).new == 1


def test_hits_are_points_with_their_document(corpus: Corpus) -> None:
    one, two = document("A", "x", "y"), document("B", "z", minutes=1)
    corpus.add([one, two], analyse)
    found = corpus.hits([3, 99, 2])
    assert found == {
        2: (replace(one, points=()), one.points[1]),
        3: (replace(two, points=()), two.points[0]),
    }
    assert corpus.traces([3, 99, 2]) == {2: "trace of y", 3: "trace of z"}


def test_hits_have_the_document_as_it_is_by_now(corpus: Corpus) -> None:
    one = document("A", "x")
    corpus.add([one], analyse)
    for url in (None, "https://a.example/1", "https://a.example/2"):
        corpus.add([replace(one, url=url)], analyse)
        [key] = keys(corpus)["a"]
        assert corpus.hits([key])[key][0].url == url
    corpus.remove([one.id])
    assert corpus.hits([key]) == {}


def test_filters_are_applied_where_the_documents_lie(corpus: Corpus) -> None:
    day = document("A", "x").published.date()
    dated = [replace(document(f"T{n}", "x", topic="储能" if n % 2 else "科创"), id=f"{n:016}") for n in range(4)]
    dated[3] = replace(dated[3], published=dated[3].published + timedelta(days=1))
    corpus.add(dated, analyse)
    for wanted, expected in {
        DocumentFilter(): [1, 2, 3, 4],
        DocumentFilter(outlets=("经济日报",)): [1, 2, 3, 4],
        DocumentFilter(outlets=("nobody",)): [],
        DocumentFilter(topics=("储能", "nothing")): [2, 4],
        DocumentFilter(since=day, until=day): [1, 2, 3],
        DocumentFilter(since=day + timedelta(days=1)): [4],
        DocumentFilter(after=1, through=3): [2, 3],
        DocumentFilter(topics=("储能",), after=2): [4],
    }.items():
        assert matching(corpus, wanted) == expected
        assert bool(wanted) == (wanted != DocumentFilter())
    assert corpus.newest(matching(corpus, DocumentFilter()), 1) == [4]
    assert corpus.newest(matching(corpus, DocumentFilter(topics=("科创",))), 5) == [1, 3]


def test_recent_pages_through_in_a_total_order(corpus: Corpus) -> None:
    corpus.add([document(f"T{n}", "x", minutes=n % 3) for n in range(9)], analyse)
    whole = [found.title for found in corpus.recent(99)]
    assert whole == ["T8", "T5", "T2", "T7", "T4", "T1", "T6", "T3", "T0"]
    assert [found.title for page in (0, 4, 8) for found in corpus.recent(4, offset=page)] == whole
    assert corpus.recent(4, topic="unheard of") == []


def test_after_tells_what_is_new_by_arrival(corpus: Corpus) -> None:
    corpus.add([document("late", "x", minutes=5), document("other", "x", topic="储能")], analyse)
    corpus.add([document("early", "x", minutes=-5), document("late", "y", minutes=5)], analyse)
    assert [(seen, found.title) for seen, found in corpus.after(0)] == [(1, "late"), (2, "other"), (3, "early")]
    assert [(seen, found.title) for seen, found in corpus.after(1, topic="科创")] == [(3, "early")]
    assert [seen for seen, _ in corpus.after(0, limit=2)] == [1, 2]
    assert corpus.after(corpus.counts().last_seen) == []


def test_version_tells_of_commits_and_of_nothing_else(tmp_path: Path) -> None:
    ours, theirs = Corpus(tmp_path / "c.db"), Corpus(tmp_path / "c.db")
    seen = ours.version()
    assert (list(ours.rows()), ours.recent(5), ours.version()) == ([], [], seen)
    theirs.add([document("A", "x")], analyse)
    assert ours.version() != seen
    seen = ours.version()
    ours.add([document("B", "x")], analyse)
    assert ours.version() != seen
    seen = ours.version()
    ours.add([document("B", "x")], analyse)
    assert [row.title for row in ours.rows()] == ["a", "b"]
    ours.close()
    theirs.close()


def test_a_snapshot_is_of_one_state(tmp_path: Path) -> None:
    ours, theirs = Corpus(tmp_path / "c.db"), Corpus(tmp_path / "c.db")
    ours.add([document("A", "x")], analyse)
    with ours.snapshot():
        before = list(ours.rows())
        theirs.add([document("A", "y")], analyse)
        assert (list(ours.rows()), ours.tombstones()) == (before, [])
    assert [row.text for row in ours.rows()] == ["y"]
    ours.close()
    theirs.close()


def shouted(document: Document) -> Tokens:
    return Tokens(document.title, tuple(PointTokens(point.text.upper(), "", "") for point in document.points))


def test_tokens_are_made_anew_and_swapped(corpus: Corpus) -> None:
    corpus.add([document(f"T{n}", "x", "y") for n in range(201)], analyse)
    before = list(corpus.rows())
    corpus.retokenize("second", shouted)
    assert corpus.fingerprint() == "second"
    assert list(corpus.rows()) == [
        replace(row, text=row.text.upper(), section="", title=row.title.upper(), trace="") for row in before
    ]

    def failing(document: Document) -> Tokens:
        if document.title == "T200":
            raise ZeroDivisionError
        return analyse(document)

    with pytest.raises(ZeroDivisionError):
        corpus.retokenize("third", failing)
    assert corpus.fingerprint() == "second"
    assert {row.text for row in corpus.rows()} == {"X", "Y"}
    corpus.retokenize("fourth", analyse)
    assert list(corpus.rows()) == before


def test_what_comes_in_while_tokens_are_made_is_not_missed(tmp_path: Path) -> None:
    ours, theirs = Corpus(tmp_path / "c.db"), Corpus(tmp_path / "c.db")
    ours.add([document("A", "x"), document("B", "y"), document("C", "z")], analyse)

    def slowly(document_: Document) -> Tokens:
        if document_.title == "B":
            theirs.add([document("A", "w", "x"), document("D", "v")], analyse)
            theirs.remove([document("C").id])
        return shouted(document_)

    ours.retokenize("second", slowly)
    assert [(row.title, row.text) for row in theirs.rows()] == [("B", "Y"), ("A", "W"), ("A", "X"), ("D", "V")]
    ours.close()
    theirs.close()


TEXTS = st.lists(st.sampled_from("xyzw"), unique=True, min_size=1, max_size=3)
DOCUMENTS = st.builds(
    lambda title, texts, topic: document(title, *texts, topic=topic),
    st.sampled_from("ABC"), TEXTS, st.sampled_from(["科创", "储能"]),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(st.lists(DOCUMENTS, max_size=3), st.sampled_from("ABC")), max_size=8))
def test_an_index_can_always_catch_up(steps: list[list[Document] | str]) -> None:
    """Whatever is added and removed: what follows the last key, without what has a tombstone, is all there is."""
    corpus = Corpus(None)
    expected: dict[str, Document] = {}
    removed: set[str] = set()
    index: list[IndexRow] = []
    seq = 0
    for step in steps:
        if isinstance(step, str):
            corpus.remove([document(step).id])
            removed |= {step} & expected.keys()
            expected.pop(step, None)
        else:
            corpus.add(step, analyse)
            for found in step:
                if found.title not in removed:
                    topics = expected.get(found.title, found).topics + found.topics
                    expected[found.title] = replace(found, topics=tuple(dict.fromkeys(topics)))
        gone = {tombstone.point for tombstone in corpus.tombstones(seq)}
        seq = max((tombstone.seq for tombstone in corpus.tombstones()), default=0)
        fresh = list(corpus.rows(max((row.point for row in index), default=0)))
        index = [row for row in index if row.point not in gone] + fresh
        assert index == list(corpus.rows())
        assert {found.title: found for found in corpus.recent(9)} == expected
    corpus.close()
