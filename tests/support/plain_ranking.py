"""The ranking as it is written down, point by point: slow and obvious; the index and the ranker are compared with it.

BM25 of concepts in a point and in its headings, then the best points within their documents.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retrieval.index.bm25 import K1, B
from retrieval.index.concept_postings import PARTIAL_MATCH_WEIGHT
from retrieval.index.postings import idf
from retrieval.language.term_hash import hash_term
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.ranker import FAVOUR_WEIGHT, FIGURE_WEIGHT
from retrieval.search.scoring import CONTEXT_WEIGHT, DOCUMENT_WEIGHT, MAX_CANDIDATES, REPEATED_WEIGHT
from retrieval.storage.schema import IndexRow

ConceptScores = list[float]  # of one concept, a number for each point


@dataclass(frozen=True)
class PlainRanking:
    """`scores` by point key, best first; `named` says of each concept whether the point has a whole name of it."""

    scores: dict[int, float]
    named: dict[int, list[bool]]


def plain_ranking(
    rows: Sequence[IndexRow],
    reading: AnalyzedQuery,
    allowed: Collection[int] | None,
    favoured: Collection[int],
    banned: Collection[int],
) -> PlainRanking:
    """`allowed` and `favoured` are keys of documents, `banned` of points."""
    texts = [row.text.split() for row in rows]
    headings = [[*row.title.split(), *row.section.split()] for row in rows]
    own = [concept_scores(texts, concept) for concept in reading.concepts]
    context = [concept_scores(headings, concept) for concept in reading.concepts]
    totals = [sum(a[n] + CONTEXT_WEIGHT * b[n] for a, b in zip(own, context, strict=True)) for n in range(len(rows))]
    found = [
        n
        for n, row in enumerate(rows)
        if totals[n] > 0 and row.point not in banned and (allowed is None or row.document in allowed)
    ]
    found = sorted(found, key=lambda n: (-totals[n], hash_term(rows[n].id)))[:MAX_CANDIDATES]
    scores = {}
    for n in found:
        document = [m for m, row in enumerate(rows) if row.document == rows[n].document]
        score = 0.0
        for a, b in zip(own, context, strict=True):
            low, high = sorted((a[n], CONTEXT_WEIGHT * b[n]))
            direct = high + REPEATED_WEIGHT * low
            score += direct + DOCUMENT_WEIGHT * max(max(a[m] for m in document) - direct, 0)
        if reading.quantity and any(term[0].isdigit() for term in texts[n]):
            score *= 1 + FIGURE_WEIGHT
        scores[n] = score * (1 + FAVOUR_WEIGHT * (rows[n].document in favoured))
    order = sorted(scores, key=lambda n: (-round(scores[n], 9), hash_term(rows[n].id)))
    return PlainRanking(
        {rows[n].point: scores[n] for n in order},
        {
            rows[n].point: [whole_count(texts[n], c) > 0 or whole_count(headings[n], c) > 0 for c in reading.concepts]
            for n in order
        },
    )


def concept_scores(texts: Sequence[Sequence[str]], concept: Concept) -> ConceptScores:
    """A concept is one term: it occurs as often as its names do, each by its weight, and is as rare as the texts that
    have a whole name. Where there is none, and in texts with only a part of one, all texts with anything of it count.
    """
    counts, wholes = ([count(text, concept) for text in texts] for count in (any_count, whole_count))
    frequency = sum(min(count, 1) for count in counts)
    rare = idf(len(texts), sum(min(count, 1) for count in wholes) or frequency)
    average = sum(map(len, texts)) / len(texts)
    scores = []
    for text, tf, whole in zip(texts, counts, wholes, strict=True):
        damped = tf + K1 * (1 - B + B * len(text) / (average or 1))
        scores.append(concept.weight * (rare if whole > 0 else idf(len(texts), frequency)) * tf * (K1 + 1) / damped)
    return scores


def whole_count(text: Sequence[str], concept: Concept) -> float:
    """Occurrences of whole names, each times its weight; a phrase occurs as often as its rarest word."""
    return sum(name.weight * min(map(text.count, name.terms)) for name in concept.alternatives)


def any_count(text: Sequence[str], concept: Concept) -> float:
    """Likewise, with neighbours, and with the words of phrases where the text has not all of them."""
    total = whole_count(text, concept) + sum(near.weight * text.count(near.terms[0]) for near in concept.neighbours)
    for name in concept.alternatives:
        counts = [text.count(term) for term in name.terms]
        if len(counts) > 1 and not all(counts):
            total += PARTIAL_MATCH_WEIGHT * name.weight / (len(counts) - 1) * sum(counts)
    return total
