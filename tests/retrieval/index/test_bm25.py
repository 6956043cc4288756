import math
from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from retrieval.index import bm25
from retrieval.index.bm25 import Bm25Index
from retrieval.index.concept_postings import PARTIAL_MATCH_WEIGHT, ConceptPlan
from retrieval.index.postings import PostingLists
from retrieval.index.statistics import TextStatistics
from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import Concept
from tests.support.concept_scores import concept_scores, scores_everywhere, term_scores

TERMS = st.sampled_from(["a", "b", "c", "d", "e", "能源", "市场", "=4.2e+10"])
TEXTS = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=50)
QUERIES = st.lists(st.one_of(TERMS, st.just("nowhere")), max_size=6)
ALTERNATIVES = st.builds(
    Alternative, st.lists(TERMS, min_size=1, max_size=3).map(tuple), st.floats(0.01, 1, exclude_min=True)
)
CONCEPTS = st.builds(
    Concept, st.just("word"), st.lists(ALTERNATIVES, min_size=1, max_size=6).map(tuple), st.sampled_from([0.5, 1.0])
)


class Lucene(BM25Okapi):
    """rank_bm25 itself, with its own hook for another idf."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for word, df in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - df + 0.5) / (df + 0.5))


def expected(texts: Sequence[Sequence[str]], query: Sequence[str]) -> list[float]:
    return list(Lucene(texts, k1=0.8, b=0.5).get_scores(query))


def indexed(*parts: Sequence[Sequence[str]]) -> Bm25Index:
    """An index with a segment for each part."""
    return Bm25Index([PostingLists.of(part) for part in parts])


def mask(kept: Sequence[bool]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(kept, np.bool_)


@given(TEXTS.filter(any), QUERIES)
def test_scores_are_those_of_rank_bm25(texts: list[list[str]], query: list[str]) -> None:
    assert np.array_equal(term_scores(indexed(texts), query), expected(texts, query))


@given(st.lists(TEXTS, min_size=1, max_size=4).filter(lambda parts: any(map(any, parts))), QUERIES)
def test_scores_are_the_same_in_several_segments(parts: list[list[list[str]]], query: list[str]) -> None:
    assert np.array_equal(term_scores(indexed(*parts), query), expected([*chain(*parts)], query))


@given(TEXTS, st.data(), QUERIES)
def test_what_is_gone_leaves_no_trace(texts: list[list[str]], data: st.DataObject, query: list[str]) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    left = [text for text, stays in zip(texts, kept, strict=True) if stays]
    index = Bm25Index([PostingLists.of(texts)], [mask(kept)])
    scores = term_scores(index, query)
    assert not scores[~mask(kept)].any()
    if any(left):
        assert np.array_equal(scores[mask(kept)], expected(left, query))
        merged = Bm25Index([PostingLists.merge(index.segments, index.alive)])
        assert np.array_equal(term_scores(merged, query), scores[kept])


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_nothing_in_it(texts: list[list[str]]) -> None:
    index = indexed(texts)
    assert list(term_scores(index, ["a"])) == [0] * len(texts)
    assert not len(concept_scores(index, Concept("a", (Alternative(("a",), 1.0),))).texts)
    assert not len(index.find_concepts([ConceptPlan.of((Alternative(("a", "b"), 1.0),))])[0].texts)


def by_hand(texts: Sequence[Sequence[str]], concept: Concept) -> list[float]:
    """The same, text by text."""

    def frequency(text: Sequence[str], alternative: Alternative, partial: float) -> float:
        counts = [text.count(term) for term in alternative.terms]
        if all(counts):
            return alternative.weight * min(counts)
        return partial * alternative.weight * sum(counts) / (len(counts) - 1) if len(counts) > 1 else 0

    def idf(frequencies: Sequence[float]) -> float:
        df = sum(min(1, frequency) for frequency in frequencies)
        return math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))

    tf, whole = (
        [sum(frequency(text, alternative, partial) for alternative in concept.alternatives) for text in texts]
        for partial in (PARTIAL_MATCH_WEIGHT, 0)
    )
    average = sum(map(len, texts)) / len(texts)
    return [
        concept.weight * idf(whole if w else tf) * f * 1.8 / (f + 0.8 * (0.5 + 0.5 * len(text) / average)) if f else 0.0
        for f, w, text in zip(tf, whole, texts, strict=True)
    ]


@given(TEXTS, CONCEPTS)
def test_a_concept_scores_as_one_term(texts: list[list[str]], concept: Concept) -> None:
    scored = concept_scores(indexed(texts), concept)
    scores = np.zeros(len(texts))
    scores[scored.texts] = scored.scores
    assert scores == pytest.approx(by_hand(texts, concept), rel=1e-5, abs=1e-9)


def has_name(concept: Concept, text: set[str]) -> bool:
    return any(text.issuperset(alternative.terms) for alternative in concept.alternatives)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(CONCEPTS, min_size=1, max_size=3), st.integers(0, 9))
def test_what_is_found_scores_the_same(parts: list[list[list[str]]], concepts: list[Concept], spread: int) -> None:
    parts = [[*part, *([[]] * spread * 10)] for part in parts]  # few among many: the sparse way
    whole, index = indexed([*chain(*parts)]), indexed(*parts)
    for concept, found in zip(
        concepts, index.find_concepts([ConceptPlan.of(c.alternatives) for c in concepts]), strict=True
    ):
        scored = concept_scores(whole, concept)
        scores = np.zeros(index.text_count)
        scores[scored.texts] = scored.scores
        assert concept.weight * found.most == pytest.approx(scores.max())
        at, named = scores_everywhere(found, index.text_count)
        assert concept.weight * at == pytest.approx(scores, abs=1e-12)
        assert named.tolist() == [has_name(concept, set(text)) for text in chain(*parts)]
        assert concept.weight * found.idf == scored.weight


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(CONCEPTS, min_size=1, max_size=3))
def test_told_its_own_statistics_it_scores_the_same_to_the_last_bit(
    parts: list[list[list[str]]], concepts: list[Concept]
) -> None:
    index = indexed(*parts)
    plans = [ConceptPlan.of(concept.alternatives) for concept in concepts]
    told = Bm25Index(index.segments, told=index.statistics(plans))
    for ours, theirs in zip(index.find_concepts(plans), told.find_concepts(plans), strict=True):
        assert (ours.idf, ours.most) == (theirs.idf, theirs.most)
        assert np.array_equal(ours.texts, theirs.texts)
        assert np.array_equal(ours.scores, theirs.scores)


@given(st.lists(TEXTS, min_size=1, max_size=3), CONCEPTS, CONCEPTS)
def test_a_part_says_which_texts_have_names_that_it_was_not_told_of(
    parts: list[list[list[str]]], asked: Concept, excluded: Concept
) -> None:
    index = indexed(*parts)
    told = Bm25Index(index.segments, told=index.statistics([ConceptPlan.of(asked.alternatives)]))
    expected = [n for n, text in enumerate(chain(*parts)) if has_name(excluded, set(text))]
    assert told.texts_with(excluded.alternatives).tolist() == expected


@given(st.lists(TEXTS, min_size=2, max_size=4), st.lists(CONCEPTS, min_size=1, max_size=3))
def test_parts_told_the_sum_of_their_statistics_score_as_the_whole(
    parts: list[list[list[str]]], concepts: list[Concept]
) -> None:
    plans = [ConceptPlan.of(concept.alternatives) for concept in concepts]
    whole = indexed([*chain(*parts)])
    told = TextStatistics.sum(indexed(part).statistics(plans) for part in parts)
    split = [Bm25Index([PostingLists.of(part)], told=told) for part in parts]
    for n, plan in enumerate(plans):
        expected = whole.find_concepts(plans)[n]
        found = [each.find_concepts([plan])[0] for each in split]
        assert {one.idf for one in found} == {expected.idf}
        scores = [scores_everywhere(one, each.text_count)[0] for one, each in zip(found, split, strict=True)]
        assert np.array_equal(np.concatenate(scores), scores_everywhere(expected, whole.text_count)[0])


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 63, 64, 2046, 2047, 2048, 2049, 5000]), st.lists(TERMS, max_size=12)),
        max_size=8,
    ),
    st.lists(CONCEPTS, min_size=1, max_size=3),
)
def test_texts_far_apart_count_as_those_beside_each_other(
    gaps: list[tuple[int, list[str]]], concepts: list[Concept]
) -> None:
    texts = [text for gap, terms in gaps for text in (*([[]] * gap), terms)]
    index = indexed(texts)
    for concept, found in zip(
        concepts, index.find_concepts([ConceptPlan.of(c.alternatives) for c in concepts]), strict=True
    ):
        scored = concept_scores(index, concept)
        assert found.texts.tolist() == scored.texts.tolist()
        assert concept.weight * found.idf * found.scores == pytest.approx(scored.scores, rel=1e-12)
        assert found.named.tolist() == [has_name(concept, set(texts[text])) for text in found.texts]


def test_words_of_a_phrase_do_not_make_it_common() -> None:
    texts = [["technology", "innovation", "bond"], *([["innovation"]] * 98), ["bond"]]
    bond = Alternative(("bond",), 1.0), Alternative(("technology", "innovation", "bond"), 1.0)
    with_phrase, without = (indexed(texts).find_concepts([ConceptPlan.of(names)])[0] for names in (bond, bond[:1]))
    assert with_phrase.idf == without.idf
    scores, _ = scores_everywhere(with_phrase, 100)
    assert min(scores[0], scores[99]) > 5 * scores[1] > 0


def test_what_was_asked_for_is_kept_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "MIN_CACHED_TEXTS", 2)
    index = indexed([["a", "b", "c"]] * 2)
    plans = [ConceptPlan.of((Alternative((term,), 1.0),)) for term in "aabbc" * 2]
    first = index.find_concepts(plans[:1])
    assert index.find_concepts(plans[:1])[0] is first[0]
    assert [one.idf for one in index.find_concepts(plans)] == [first[0].idf] * 10
    assert index.find_concepts(plans[:1])[0] is not first[0]


@given(
    st.lists(st.tuples(st.lists(TERMS, max_size=6), st.lists(st.booleans(), min_size=1, max_size=5)), min_size=1),
    st.lists(CONCEPTS, min_size=1, max_size=3),
)
def test_a_text_that_counts_several_times_scores_as_so_many_texts_to_the_last_bit(
    headings: list[tuple[list[str], list[bool]]], concepts: list[Concept]
) -> None:
    points = [(text, stays) for text, kept in headings for stays in kept]
    each = Bm25Index([PostingLists.of([text for text, _ in points])], [mask([stays for _, stays in points])])
    repeats = np.array([sum(kept) for _, kept in headings])
    once = Bm25Index([PostingLists.of([text for text, _ in headings])], [repeats > 0], None, repeats.astype(np.float64))
    plans = [ConceptPlan.of(concept.alternatives) for concept in concepts]
    assert once.statistics(plans) == each.statistics(plans)
    owners = np.repeat(np.arange(len(headings)), [len(kept) for _, kept in headings])
    for expected, found in zip(each.find_concepts(plans), once.find_concepts(plans), strict=True):
        assert (found.idf, found.most) == (expected.idf, expected.most)
        scores, named = scores_everywhere(found, once.text_count)
        wanted, names = scores_everywhere(expected, each.text_count)
        alive = mask([stays for _, stays in points])
        assert np.array_equal(scores[owners] * alive, wanted)
        assert np.array_equal(named[owners] & alive, names)
