"""Queries, evaluated as OpenSearch says it does, add up to what the embedded index has."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cluster import queries
from retrieval.cluster.client import Json
from retrieval.index.bm25 import K1, B, Bm25Index
from retrieval.index.concept_postings import ConceptPlan
from retrieval.index.postings import PostingLists
from retrieval.index.statistics import CorpusStatistics, TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.model.document_filter import DocumentFilter
from tests.retrieval.index.test_bm25 import TEXTS
from tests.support.concept_scores import scores_everywhere

TERMS = st.sampled_from(["a", "b", "c", "d", "能源"])
NAMES = st.builds(Alternative, st.lists(TERMS, min_size=1, max_size=3).map(tuple), st.floats(0.05, 1))
NEIGHBOURS = st.lists(st.builds(Alternative, st.tuples(TERMS), st.floats(0.05, 0.5)), max_size=2)
PLANS = st.builds(
    lambda names, neighbours: ConceptPlan.of(names, neighbours=neighbours),
    st.lists(NAMES, min_size=1, max_size=5),
    NEIGHBOURS,
)


def score(query: Json, text: Sequence[str]) -> float | None:  # noqa: PLR0911
    """A text's score by a query of ours; None if it does not match."""
    [(kind, body)] = query.items()
    if kind == "match_none":
        return None
    if kind == "term":
        [(_, wanted)] = body.items()
        term, boost = (wanted["value"], wanted["boost"]) if isinstance(wanted, dict) else (wanted, 1.0)
        return boost * text.count(term) if term in text else None
    if kind == "bool":
        if any(score(one, text) is None for one in body.get("filter", ())):
            return None
        if any(score(one, text) is not None for one in body.get("must_not", ())):
            return None
        found = [one for one in (score(each, text) for each in body.get("should", ())) if one is not None]
        return sum(found) if found or "should" not in body else None
    if kind == "script_score":
        inner = score(body["query"], text)
        return None if inner is None else script(body["script"], text, inner)
    if kind == "function_score":
        inner = score(body["query"], text)
        if inner is None:
            return None
        scripted, named = body["functions"]
        worth = 1.0 if score(named["filter"], text) is None else named["weight"]
        return script(scripted["script_score"]["script"], text, inner) * worth
    raise AssertionError(kind)


def script(written: Json, text: Sequence[str], inner: float) -> float:
    given_ = written["params"]
    if written["source"] == queries.PHRASE_SCRIPT:
        counts = [text.count(term) for term in given_["terms"]]
        return float(given_["whole"] * min(counts) if min(counts) > 0 else given_["share"] * sum(counts))
    assert written["source"] == queries.SCORE_SCRIPT
    length = 1 - given_["b"] + given_["b"] * len(text) / given_["average"]
    return float(given_["weight"] * inner * (given_["k1"] + 1) / (inner + given_["k1"] * length))


@given(TEXTS, PLANS)
def test_sums_over_all_texts_are_the_document_frequencies(texts: list[list[str]], plan: ConceptPlan) -> None:
    expected = Bm25Index([PostingLists.of(texts)]).statistics([plan]).frequencies[plan]
    found = [
        sum(min(score(of(plan, "text"), text) or 0.0, 1.0) for text in texts)
        for of in (queries.concept_frequency, queries.whole_frequency)
    ]
    assert found == pytest.approx([*expected])
    if not queries.has_partial_matches(plan):
        assert found[0] == found[1]


@given(TEXTS.filter(any), st.lists(PLANS, min_size=1, max_size=3), st.sampled_from([0.5, 1.0]))
def test_candidates_are_scored_as_the_index_scores_them(
    texts: list[list[str]], plans: list[ConceptPlan], weight: float
) -> None:
    index = Bm25Index([PostingLists.of(texts)])
    own, nothing = index.statistics(plans), Bm25Index([PostingLists.of([[]])]).statistics(plans)
    query = queries.candidates(plans, [weight] * len(plans), CorpusStatistics(own, nothing), DocumentFilter(), ())
    expected = sum(weight * scores_everywhere(found, len(texts))[0] for found in index.find_concepts(plans))
    scores = [(score(query, text) or 0.0) if query else 0.0 for text in texts]
    assert scores == pytest.approx(list(np.asarray(expected)))


def test_an_excluded_name_keeps_a_point_out() -> None:
    plan = ConceptPlan.of([Alternative(("a",), 1.0)])
    told = TextStatistics.sum([Bm25Index([PostingLists.of([["a"], ["a", "b", "c"]])]).statistics([plan])])
    excluded = [Alternative(("b", "c"), 1.0), Alternative(("d",), 1.0)]
    query = queries.candidates([plan], [1.0], CorpusStatistics(told, told), DocumentFilter(), excluded)
    assert query is not None
    assert [score(query, text.split()) is not None for text in ("a", "a b", "a c b", "a d")] == [
        True,
        True,
        False,
        False,
    ]


def test_nothing_is_asked_of_the_cluster_for_words_that_are_nowhere() -> None:
    plan = ConceptPlan.of([Alternative(("nowhere",), 1.0)])
    told = Bm25Index([PostingLists.of([["a"]])]).statistics([plan])
    assert queries.candidates([plan], [1.0], CorpusStatistics(told, told), DocumentFilter(), ()) is None


@pytest.mark.parametrize(
    ("wanted", "clauses"),
    [
        (DocumentFilter(), []),
        (DocumentFilter(outlets=("新华社",)), [{"terms": {"outlet": ["新华社"]}}]),
        (DocumentFilter(topics=("a", "b")), [{"terms": {"topics": ["a", "b"]}}]),
        (DocumentFilter(since=date(2025, 7, 1)), [{"range": {"day": {"gte": "2025-07-01"}}}]),
        (DocumentFilter(until=date(2025, 7, 1)), [{"range": {"day": {"lte": "2025-07-01"}}}]),
        (DocumentFilter(after=3, through=9), [{"range": {"document": {"gt": 3, "lte": 9}}}]),
    ],
)
def test_filters_are_handed_down(wanted: DocumentFilter, clauses: list[Any]) -> None:
    assert queries.document_clauses(wanted, "document") == clauses


def test_scripts_have_the_index_s_parameters() -> None:
    plan = ConceptPlan.of([Alternative(("a",), 1.0)])
    told = Bm25Index([PostingLists.of([["a", "b"], ["b"]])]).statistics([plan])
    query = queries.candidates([plan], [1.0], CorpusStatistics(told, told), DocumentFilter(), ())
    assert query
    params = query["bool"]["should"][0]["script_score"]["script"]["params"]
    assert (params["k1"], params["b"], params["average"], params["length"]) == (K1, B, 1.5, "length")
