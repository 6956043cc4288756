"""Coverage of all candidates at once is what each point says by itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.postings import FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.candidates import ScoredCandidates
from retrieval.search.coverage import PLAIN_OCCURRENCE_SHARE, Coverage
from retrieval.search.ranker import rank
from tests.retrieval.search.test_ranker import TEXTS, WORDS, snapshot

NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(tuple)
ALTERNATIVES = st.lists(st.builds(Alternative, NAMES, st.floats(0.2, 1)), min_size=1, max_size=3).map(tuple)
# a word of the question is 'w' and a number; a concept stands for it, or for a part of it
CONCEPTS = st.builds(
    lambda n, part, alternatives, weight: Concept(f"{part}w{n}", alternatives, weight, f"w{n}"),
    st.integers(0, 2),
    st.sampled_from(["", "part of ", "other part of "]),
    ALTERNATIVES,
    st.sampled_from([0.5, 1.0]),
)
QUERIES = st.lists(CONCEPTS, min_size=1, max_size=5, unique_by=lambda concept: concept.word).map(
    lambda concepts: AnalyzedQuery(tuple(concepts), (), quantity=False)
)


def share_by_hand(query: AnalyzedQuery, matched: ScoredCandidates, own: FloatArray, word: str) -> float:
    rows = [n for n, concept in enumerate(query.concepts) if concept.asked == word]
    whole = [n for n in rows if query.concepts[n].word == word]
    parts = [n for n in rows if n not in whole]
    shares = [min(1.0, own[n] / matched.weights[n]) for n in whole]
    if parts:
        total = sum(matched.weights[n] for n in parts)
        shares.append(sum(min(own[n], matched.weights[n]) for n in parts) / total)
    return float(max(shares))


def has_all(of: Snapshot, concepts: list[Concept], texts: list[str], point: int) -> bool:
    """Whether the point has a whole name of each concept, in its text or in its headings."""
    places = [set(texts[point].split())]
    if (point + 1) // 3 % 2:
        places.append({"a", "d"} if (point + 1) % 7 == 0 else {"a"})
    elif (point + 1) % 7 == 0:
        places.append({"d"})
    return all(
        any(place.issuperset(other.terms) for place in places for other in concept.alternatives) for concept in concepts
    )


@given(TEXTS, QUERIES)
def test_as_by_hand(texts: list[str], query: AnalyzedQuery) -> None:
    of = snapshot(texts)
    matched = rank(of, query)
    coverage = Coverage.of(query, matched)
    assert list(coverage.asked) == list(dict.fromkeys(concept.asked for concept in query.concepts))
    for row, word in enumerate(coverage.asked):
        concepts = [concept for concept in query.concepts if concept.asked == word]
        ways = [[c for c in concepts if c.word == word], [c for c in concepts if c.word != word]]
        for column, point in enumerate(matched.points.tolist()):
            own = matched.own[:, column] + matched.context[:, column]
            here = share_by_hand(query, matched, own, word)
            assert coverage.here[row, column] == pytest.approx(here)
            assert coverage.nearby[row, column] == pytest.approx(
                share_by_hand(query, matched, matched.document[:, column], word)
            )
            whole = any(has_all(of, way, texts, point) for way in ways if way)
            named = any(has_all(of, [concept], texts, point) for concept in concepts)
            if abs(here - PLAIN_OCCURRENCE_SHARE) > 1e-9 and abs(here - 0.3) > 1e-9:
                assert coverage.there[row, column] == (
                    (named and here > PLAIN_OCCURRENCE_SHARE) or (whole and here >= 0.3)
                )


@given(TEXTS, QUERIES)
def test_shares_are_shares(texts: list[str], query: AnalyzedQuery) -> None:
    coverage = Coverage.of(query, rank(snapshot(texts), query))
    assert ((coverage.here >= 0) & (coverage.here <= 1)).all()
    assert (coverage.near | ~coverage.there).all()  # what the point has its document has
    assert (coverage.rarity > 0).all()
    assert not any(map(math.isnan, coverage.rarity))


@given(TEXTS, QUERIES)
def test_a_column_alone_is_the_same(texts: list[str], query: AnalyzedQuery) -> None:
    coverage = Coverage.of(query, rank(snapshot(texts), query))
    for column in range(coverage.here.shape[1]):
        one = coverage.columns(np.array([column]))
        assert np.array_equal(one.here[:, 0], coverage.here[:, column])
        assert np.array_equal(one.there[:, 0], coverage.there[:, column])
