"""The loops over a question's postings, with what numpy makes of tables of all points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index import bm25
from retrieval.index.concept_postings import ConceptPostings
from retrieval.index.postings import BoolArray, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import Concept
from retrieval.search import scoring
from retrieval.search.scoring import CONTEXT_WEIGHT, QuestionPostings
from tests.retrieval.search.test_ranker import CONCEPTS, WORDS, snapshot
from tests.support.concept_scores import scores_everywhere
from tests.support.documents import documents_of_points

TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=90)
QUESTIONS = st.lists(CONCEPTS, min_size=1, max_size=4)


def postings_of(of: Snapshot, concepts: list[Concept]) -> QuestionPostings:
    plans = [of.plans.plan(concept.alternatives, concept.neighbours) for concept in concepts]
    weights = [concept.weight for concept in concepts]
    return QuestionPostings.of(of.text.find_concepts(plans), of.context.find_concepts(plans), weights)


def table(concepts: tuple[ConceptPostings, ...], weights: FloatArray, size: int) -> tuple[FloatArray, BoolArray]:
    """A row for each concept: its weighted scores in all texts, and which of them have a whole name."""
    rows = [scores_everywhere(concept, size) for concept in concepts]
    scores = np.array([score for score, _ in rows]) * weights[: len(rows), None]
    return scores, np.array([named for _, named in rows])


def tables(of: Snapshot, postings: QuestionPostings) -> tuple[FloatArray, BoolArray, FloatArray, BoolArray]:
    """Of all points: by their own texts, and by their headings."""
    count = len(postings)
    own, named = table(postings.concepts[:count], postings.weights, of.text.text_count)
    context, named_above = table(postings.concepts[count:], postings.weights, of.context.text_count)
    return own, named, context[:, of.headings], named_above[:, of.headings]


@given(TEXTS, QUESTIONS, st.integers(1, 12), st.integers(1, 20), st.sampled_from([0.0, 0.1, 1.0, 10.0]), st.data())
@settings(deadline=None)
def test_the_best_points_are_those_of_all_exact_totals(
    texts: list[str], concepts: list[Concept], most: int, points_at_once: int, exact: float, data: st.DataObject
) -> None:
    of = snapshot(texts)
    postings = postings_of(of, concepts)
    own, _, context, _ = tables(of, postings)
    totals = (own + CONTEXT_WEIGHT * context).sum(axis=0)
    mask = data.draw(st.none() | st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)).map(np.array))
    if mask is not None:
        totals = totals * mask
    order = np.lexsort((of.ids, -totals))[:most]
    with pytest.MonkeyPatch.context() as patch:
        sizes = {"MAX_CANDIDATES": most, "RANGE_POINTS": points_at_once, "EXACT_POSTINGS": exact}
        for name, value in sizes.items():
            patch.setattr(scoring, name, value)
        points = postings.best_points(of, mask)
    assert points.tolist() == sorted(order[totals[order] > 0].tolist())


@given(TEXTS, QUESTIONS, st.data())
@settings(deadline=None)
def test_points_score_as_in_tables_of_all(texts: list[str], concepts: list[Concept], data: st.DataObject) -> None:
    of = snapshot(texts)
    postings = postings_of(of, concepts)
    own, named, context, named_above = tables(of, postings)
    points = np.array(sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))), np.int64)
    documents = documents_of_points(of)
    mates = documents[:, None] == documents[points]
    scored = postings.score(of, points)
    assert np.array_equal(scored.own, own[:, points])
    assert np.array_equal(scored.context, context[:, points])
    assert np.array_equal(scored.named, (named | named_above)[:, points])
    assert np.array_equal(scored.document, (own[:, :, None] * mates).max(axis=1))
    assert np.array_equal(scored.near, ((named | named_above)[:, :, None] & mates).any(axis=1))


def test_postings_outlive_their_place_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels read them by address."""
    texts, concept = ["a b", "b", "a a d"] * 40, Concept("a", (Alternative(("a",), 1.0),))
    kept = postings_of(of := snapshot(texts), [concept])
    expected = kept.score(of, kept.best_points(of, None))
    monkeypatch.setattr(bm25, "CACHED_POSTINGS_PER_TEXT", 0)
    dropped = postings_of(of := snapshot(texts), [concept])
    for _ in range(20):  # whose memory would be that of the first
        postings_of(of, [Concept("b", (Alternative(("b",), 1.0),))])
    found = dropped.score(of, dropped.best_points(of, None))
    assert found.points.tolist() == expected.points.tolist()
    assert found.own.tolist() == expected.own.tolist()
