"""The learned order: the same for the same candidates, whatever order they come in, and better for what is better."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.candidates import select
from retrieval.search.confidence import learned_probability
from retrieval.search.features import FEATURE_NAMES, MAX_WORD_EVIDENCE, VERBATIM, Features, word_strengths
from retrieval.search.ranker import rank
from retrieval.search.reranker import MAX_RERANKED, learned_scores, rerank
from retrieval.search.scoring import CONTEXT_WEIGHT, REPEATED_WEIGHT
from retrieval.search.weights import LearnedWeights, SureOrder, Weights, load_weights, weighted_sums
from tests.retrieval.search.test_coverage import QUERIES
from tests.retrieval.search.test_ranker import TEXTS, snapshot

NUMBERS = st.floats(0, 1)
TABLES = st.lists(st.lists(NUMBERS, min_size=len(FEATURE_NAMES), max_size=len(FEATURE_NAMES)), min_size=1, max_size=20)
VERDICT = ["margin", "evidence", "evidence share", "covered", "words", "answered", "nearness"]
AGAINST = ["absent", "lacks", "unanswered"]


@given(TEXTS, QUERIES)
def test_every_candidate_stays_and_scores_fall(texts: list[str], query: AnalyzedQuery) -> None:
    of = snapshot(texts)
    before = rank(of, query)
    after = rerank(query, before, of, load_weights().words.order).matched
    assert sorted(after.points.tolist()) == sorted(before.points.tolist())
    assert (after.scores > 0).all()
    assert (np.diff(after.scores) <= 0).all()


@given(TEXTS, QUERIES, st.randoms())
def test_the_order_candidates_come_in_does_not_matter(texts: list[str], query: AnalyzedQuery, chance: object) -> None:
    of = snapshot(texts)
    before = rank(of, query)
    assume(len(before.points) <= MAX_RERANKED)
    shuffled = np.arange(len(before.points))
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = rerank(query, before, of, load_weights().words.order).matched
    other = rerank(query, select(before, shuffled), of, load_weights().words.order).matched
    assert one.points.tolist() == other.points.tolist()
    assert one.scores.tolist() == other.scores.tolist()


@given(TEXTS, QUERIES, st.floats(0, 3), st.floats(0, 3), NUMBERS, NUMBERS, NUMBERS)
def test_asking_for_more_makes_no_order_sure(
    texts: list[str], query: AnalyzedQuery, lead: float, fourth: float, rarity: float, evidence: float, more: float
) -> None:
    of = snapshot(texts)
    reranked = rerank(query, rank(of, query), of, load_weights().words.order)
    sure = SureOrder(lead, fourth, rarity, evidence)
    if not reranked.is_sure(sure):
        for name in ("lead", "fourth_lead", "rarity", "evidence"):
            assert not reranked.is_sure(replace(sure, **{name: getattr(sure, name) + more}))
    assert not reranked.is_sure(SureOrder(evidence=np.inf))


@given(TEXTS, QUERIES)
def test_features_are_shares(texts: list[str], query: AnalyzedQuery) -> None:
    of = snapshot(texts)
    table = Features.of(query, rank(of, query), of).table
    assert (table >= 0).all()
    # several words may each be inherited from another point
    assert (np.delete(table, FEATURE_NAMES.index("document"), axis=1) <= 1 + 1e-9).all()


@given(TEXTS, QUERIES, st.integers(1, 12))
def test_features_are_those_of_the_formulas(texts: list[str], query: AnalyzedQuery, size: int) -> None:
    of = snapshot(texts)
    matched = rank(of, query)
    size = min(size, len(matched.points))
    features = Features.of(query, matched, of, size)
    had, rarity = features.coverage, features.coverage.rarity
    own, context, document = (
        table[:, :size] for table in (matched.own, CONTEXT_WEIGHT * matched.context, matched.document)
    )
    direct = np.maximum(own, context) + REPEATED_WEIGHT * np.minimum(own, context)
    known = rarity * had.there.any(axis=1)
    findable = np.minimum(rarity, MAX_WORD_EVIDENCE) * (had.here + had.nearby > 0).any(axis=1)
    parts = {
        "words": (matched.words[:size], matched.words[:size].max(initial=0)),
        "covered": (known @ had.there, known.sum()),
        "evidence": (findable @ word_strengths(had.here, had.nearby), findable.sum()),
        "document": (np.maximum(document - direct, 0).sum(axis=0), own.sum(axis=0).max(initial=0)),
    }
    for name, (part, whole) in parts.items():
        assert np.allclose(features.table[:, FEATURE_NAMES.index(name)] * whole, part), name


@given(TABLES)
def test_vectorised_as_by_hand(rows: list[list[float]]) -> None:
    weights = load_weights().meaning.order
    by_hand = [
        sum(weights.get(name, 0.0) * value for name, value in zip(FEATURE_NAMES, row, strict=True)) for row in rows
    ]
    assert np.allclose(weighted_sums(np.array(rows), FEATURE_NAMES, weights), by_hand)


@given(TABLES, st.sampled_from([name for name in FEATURE_NAMES if name != "length"]), NUMBERS)
def test_more_of_a_feature_never_ranks_lower(rows: list[list[float]], name: str, more: float) -> None:
    for weights in (load_weights().words.order, load_weights().meaning.order):
        table = np.array(rows)
        before = learned_scores(table, weights)
        table[:, FEATURE_NAMES.index(name)] += more
        assert (learned_scores(table, weights) >= before).all()


@given(st.fixed_dictionaries(dict.fromkeys((*VERDICT, *AGAINST), NUMBERS)), st.sampled_from(VERDICT + AGAINST), NUMBERS)
def test_what_is_there_counts_for_and_what_lacks_against(found: dict[str, float], name: str, more: float) -> None:
    for weights in (load_weights().words, load_weights().meaning):
        before, after = (
            learned_probability(found, weights),
            learned_probability(found | {name: found[name] + more}, weights),
        )
        assert (after <= before) if name in AGAINST else (after >= before)


def test_the_weights_name_what_there_is() -> None:
    for weights in (load_weights().words, load_weights().meaning):
        assert set(weights.order) <= {*FEATURE_NAMES, VERBATIM}
        assert set(weights.verdict) <= {*VERDICT, *AGAINST}
        assert 0 < weights.maybe < weights.answer < 1
    assert "nearness" not in {**load_weights().words.order, **load_weights().words.verdict}


def test_weights_read() -> None:
    text = "[words.order]\nwords = 1.0\n[words.verdict]\nbias = -2.0\n[words.threshold]\nanswer = 0.6\nmaybe = 0.1\n"
    read = LearnedWeights.parse(text + text.replace("[words.", "[meaning."))
    assert read.words == read.meaning == Weights({"words": 1.0}, {}, -2.0, 0.6, 0.1)
