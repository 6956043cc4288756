from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index.snapshot import Snapshot
from retrieval.index.statistics import CorpusStatistics
from retrieval.language.lexicon import Alternative
from retrieval.model.documents import BEIJING
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search import scoring
from retrieval.search.ranker import add_similar, rank
from retrieval.search.scoring import CONTEXT_WEIGHT, DOCUMENT_WEIGHT, REPEATED_WEIGHT
from retrieval.storage.schema import IndexRow
from tests.support.concept_scores import scores_of_points
from tests.support.documents import document_keys, documents_of_points

WORDS = ["a", "b", "c", "d", "5"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=30)
QUESTION = AnalyzedQuery(
    (
        Concept("a", (Alternative(("a",), 1.0), Alternative(("b", "c"), 0.3))),
        Concept("d", (Alternative(("d",), 1.0),)),
    ),
    (),
    quantity=False,
)


def rows_of(texts: list[str], size: int = 3) -> list[IndexRow]:
    """Documents of `size` points, with 'a' in the title of every other one."""
    now = datetime(2025, 7, 1, tzinfo=BEIJING)
    return [
        IndexRow(n, n // size, text, "d" if n % 7 == 0 else "", "a" * (n // size % 2), now, "", (), f"id{n}")
        for n, text in enumerate(texts, 1)
    ]


def snapshot(texts: list[str], size: int = 3) -> Snapshot:
    return Snapshot.of(rows_of(texts, size))


def by_hand(of: Snapshot) -> dict[int, float]:
    """Every point looked at by itself."""
    totals = np.zeros(len(of.keys))
    for concept in QUESTION.concepts:
        own, context = scores_of_points(of, concept)
        direct = np.maximum(own, CONTEXT_WEIGHT * context) + REPEATED_WEIGHT * np.minimum(own, CONTEXT_WEIGHT * context)
        documents = documents_of_points(of)
        best = np.array([own[documents == document].max() for document in documents])
        totals += np.where(own.any() or context.any(), direct + DOCUMENT_WEIGHT * np.maximum(best - direct, 0), 0)
    return dict(enumerate(totals.tolist()))


@given(TEXTS)
@settings(deadline=None)
def test_as_by_hand(texts: list[str]) -> None:
    of = snapshot(texts)
    matched, expected = rank(of, QUESTION), by_hand(of)
    for point, score in zip(matched.points.tolist(), matched.scores.tolist(), strict=True):
        assert score == pytest.approx(expected[point])
    assert list(matched.scores) == sorted(matched.scores, reverse=True)


CONCEPTS = st.builds(
    Concept,
    st.text(),
    st.lists(
        st.builds(Alternative, st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(tuple), st.floats(0.1, 1)),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.sampled_from([0.5, 1.0]),
    neighbours=st.just(()),
)


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=60),
    st.lists(CONCEPTS, min_size=1, max_size=4).map(tuple),
    st.integers(1, 8),
    st.one_of(st.none(), st.lists(st.integers(0, 20))),
)
@settings(deadline=None)
def test_what_is_skipped_changes_nothing(
    texts: list[str], concepts: tuple[Concept, ...], most: int, allowed: list[int] | None
) -> None:
    of = snapshot(texts)
    direct = np.zeros(len(of.keys))
    for concept in concepts:
        own, context = scores_of_points(of, concept)
        direct += own + CONTEXT_WEIGHT * context
    mask = None if allowed is None else np.isin(document_keys(of), allowed)
    if mask is not None:
        direct[~of.points_of(mask)] = 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"MAX_CANDIDATES": most, "RANGE_POINTS": 7, "EXACT_POSTINGS": 1.0}.items():
            patch.setattr(scoring, name, value)
        points = rank(of, AnalyzedQuery(concepts, (), quantity=False), mask).points
    assert len(points) == min(most, np.count_nonzero(direct))
    assert sorted(direct[points]) == pytest.approx(np.sort(direct)[len(direct) - len(points) :])


@given(TEXTS, st.lists(CONCEPTS, min_size=1, max_size=4).map(tuple), st.integers(1, 8))
def test_the_documents_of_the_best_points_are_enough_where_the_statistics_are_told(
    texts: list[str], concepts: tuple[Concept, ...], most: int
) -> None:
    """What a corpus on other machines sends."""
    rows, query = rows_of(texts), AnalyzedQuery(concepts, (), quantity=False)
    whole = Snapshot.of(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "MAX_CANDIDATES", most)
        expected = rank(whole, query)
        documents = set(documents_of_points(whole)[expected.points].tolist())
        plans = [whole.plans.plan(concept.alternatives, concept.neighbours) for concept in concepts]
        told = CorpusStatistics(whole.text.statistics(plans), whole.context.statistics(plans))
        part = Snapshot.of(row for row in rows if row.document in documents)
        found = rank(replace(part, told=told, plans=whole.plans), query)
    assert part.keys[found.points].tolist() == whole.keys[expected.points].tolist()
    assert np.array_equal(found.scores, expected.scores)
    assert np.array_equal(found.weights, expected.weights)
    assert found.size == expected.size


def test_filters() -> None:
    of = snapshot(["a d", "a", "d", "a a", "d d", "b"])
    everything = set(rank(of, QUESTION).points.tolist())
    assert everything == set(range(6))
    assert set(rank(of, QUESTION, allowed=np.array([True, False, False])).points.tolist()) == {0, 1}
    assert set(rank(of, QUESTION, allowed=np.zeros(3, np.bool_)).points.tolist()) == set()
    assert set(rank(of, QUESTION, banned=np.array([0, 3])).points.tolist()) == everything - {0, 3}
    raised = rank(of, QUESTION, favoured=np.array([False, False, True]))
    assert raised.scores[list(raised.points).index(5)] > rank(of, QUESTION).scores.min()


def test_equal_scores_in_the_order_of_ids() -> None:
    of = snapshot(["d"] * 6, size=1)
    equal = rank(of, AnalyzedQuery((Concept("d", (Alternative(("d",), 1.0),)),), (), quantity=False))
    texts = [point for point in equal.points.tolist() if point != 6]
    assert [of.ids[point] for point in texts] == sorted(of.ids[point] for point in texts)


def test_nothing_asked_and_nothing_there() -> None:
    assert not len(rank(snapshot(["a"]), AnalyzedQuery((), (), quantity=False)).points)
    assert not len(rank(snapshot([]), QUESTION).points)
    assert not len(rank(Snapshot(), QUESTION).points)


@given(TEXTS, st.sets(st.integers(1, 30)), st.lists(CONCEPTS, min_size=1, max_size=3).map(tuple))
@settings(deadline=None)
def test_dead_points_are_not_found_by_headings_that_others_have(
    texts: list[str], gone: set[int], concepts: tuple[Concept, ...]
) -> None:
    rows, query = rows_of(texts), AnalyzedQuery(concepts, (), quantity=False)
    left = Snapshot.of(row for row in rows if row.point not in gone)
    marked = Snapshot.of(rows).without(sorted(gone))
    expected, found = rank(left, query), rank(marked, query)
    assert marked.keys[found.points].tolist() == left.keys[expected.points].tolist()
    assert np.array_equal(found.scores, expected.scores)
    assert np.array_equal(found.near, expected.near)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.sets(st.integers(0, 59)))
def test_similar_points_are_added_once(near: set[int], keys: set[int], candidates: set[int]) -> None:
    """With keys that the snapshot does not have yet, or no more."""
    key_of = sorted(keys)
    points = [point for point in sorted(candidates) if point < len(key_of)]
    expected = [point for point, key in enumerate(key_of) if key in near and point not in candidates]
    added, is_similar = add_similar(*(np.array(one, np.int64) for one in (sorted(near), key_of, points)))
    assert added.tolist() == expected
    assert is_similar.tolist() == [key_of[point] in near for point in points + expected]
