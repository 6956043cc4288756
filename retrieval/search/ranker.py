"""A question's concepts to ranked points: candidates by BM25, then each looked at in its document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import ConceptPostings
from retrieval.index.postings import BoolArray, Float32Array, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.analyzer import AnalyzedQuery
from retrieval.semantic.vector_index import QuerySimilarity, Similarity

CONTEXT_WEIGHT = 0.8  # what a match in title, topic or section is worth against one in the point's own text
# What the lesser of the two adds to the other: a document's points share their title, and the one that repeats its
# words is not the one that answers. Added up, they cost three questions of a hundred their first place.
REPEATED = 0.2
DOCUMENT_WEIGHT = 0.25  # share of the document's best point for a concept that its other points inherit
FIGURE_WEIGHT = 0.4  # what a figure adds to a point where a quantity is asked for
FAVOUR_WEIGHT = 0.3  # what the outlet or the time that a sentence names adds to the points that have it
MIN_SCORE = 1e-6  # totals below are what rounding left
ROUNDING_MARGIN = 1 - 1e-5  # totals are in single precision: they only say what to look at
DENSE_CANDIDATE_SHARE = (
    1 / 16
)  # share of the texts from which a concept is worth asking whether it must be looked through
MAX_SCORED_POINTS = 3_000  # points looked at more closely, rather than looking through more postings
BLOCK_POINTS = 64  # totals of which the best is looked up at once
SEMANTIC_WEIGHT = 0.6  # what standing out by nearness as far as chance goes is worth against the best point's words
SEMANTIC_ONLY_WEIGHT = 0.5  # standing from which a point is found that has none of the words
MAX_CANDIDATES = 300  # points looked at closely; the answer was never found further down in trials

Numbers = NDArray[np.int64]
NO_POINTS: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True)
class ScoredCandidates:
    """The candidates and what each scored for each concept: rows are concepts, columns candidates, best first.

    `own` by its text, `context` by its headings, `document` by the best point of its document; `weights` is what one
    plain occurrence of each concept in a text scores, `size` the number of points in the corpus. `named` says
    whether the text or its headings have a whole name of each concept, `near` whether its document has. `words` is
    what the words alone score, `similarity` how near each is by what it means: None without an encoder.
    """

    points: Numbers
    scores: FloatArray
    words: FloatArray
    own: FloatArray
    context: FloatArray
    document: FloatArray
    named: BoolArray
    near: BoolArray
    weights: FloatArray
    size: int
    similarity: Similarity | None = None


def rank(
    snapshot: Snapshot,
    reading: AnalyzedQuery,
    allowed: Sequence[int] | None = None,
    favoured: Sequence[int] = (),
    banned: Numbers = NO_POINTS,
    nearness: QuerySimilarity | None = None,
) -> ScoredCandidates:
    """Points that match, best first; equal scores by the points' ids.

    With `nearness`, points that mean the same count too, and are raised among those that match.

    `allowed` are the keys of the documents that may be shown, None for all; `favoured` of those that are raised;
    `banned` are points.
    What words are worth stays the whole corpus's.
    """
    plans = [snapshot.plan(concept.alternatives, concept.neighbours) for concept in reading.concepts]
    weights = [concept.weight for concept in reading.concepts]
    own, context = snapshot.text.find_concepts(plans), snapshot.context.find_concepts(plans)
    shown = _shown(snapshot, allowed, banned)
    possible = _possible(snapshot, shown, weights, own, context)
    near = _near(snapshot, shown, nearness) if nearness else NO_POINTS
    points = np.union1d(possible, near) if len(near) else possible  # a union takes as long as all the rest
    matched = _looked_at(snapshot, points, weights, own, context)
    matched = only(matched, _best(snapshot, matched, possible) | _among(points, near))
    points, scores = matched.points, score(matched)
    if reading.quantity:
        scores *= 1 + FIGURE_WEIGHT * snapshot.figured[points]
    if favoured:
        scores *= 1 + FAVOUR_WEIGHT * np.isin(snapshot.documents[points], favoured)
    words, similarity, found = scores, None, np.ones(len(points), np.bool_)
    if nearness:
        similarity = nearness.similarity(snapshot.keys[points])
        scores = fuse(scores, similarity.standing)
        found = (similarity.standing >= SEMANTIC_ONLY_WEIGHT) | matched.own.any(axis=0) | matched.context.any(axis=0)
    order = np.lexsort((snapshot.ids[points], -scores))
    return only(replace(matched, scores=scores, words=words, similarity=similarity), order[found[order]])


def direct_scores(matched: ScoredCandidates) -> FloatArray:
    """What each concept scores in a point and its headings."""
    context = CONTEXT_WEIGHT * matched.context
    return np.maximum(matched.own, context) + REPEATED * np.minimum(matched.own, context)


def score(matched: ScoredCandidates) -> FloatArray:
    direct = direct_scores(matched)
    return np.asarray((direct + DOCUMENT_WEIGHT * np.maximum(matched.document - direct, 0)).sum(axis=0), np.float64)


def fuse(words: FloatArray, standing: FloatArray) -> FloatArray:
    """Above 0: the exponent of what words score, as a share of the best point's, and nearness add up to."""
    return np.asarray(np.exp(words / (words.max(initial=0) or 1) + SEMANTIC_WEIGHT * standing), np.float64)


def _shown(snapshot: Snapshot, allowed: Sequence[int] | None, banned: Numbers) -> BoolArray | None:
    """Which points may be shown; None where all may."""
    if allowed is None and not len(banned):
        return None
    shown = np.ones(len(snapshot.keys), np.bool_) if allowed is None else np.isin(snapshot.documents, allowed)
    shown[banned] = False
    return shown


def _near(snapshot: Snapshot, shown: BoolArray | None, nearness: QuerySimilarity) -> Numbers:
    among = None if shown is None else snapshot.keys[shown]
    return np.flatnonzero(np.isin(snapshot.keys, nearness.nearest(among)))


def _possible(
    snapshot: Snapshot,
    shown: BoolArray | None,
    weights: Sequence[float],
    own: Sequence[ConceptPostings],
    context: Sequence[ConceptPostings],
) -> Numbers:
    """Points among which are the CANDIDATES that score best by themselves, ascending.

    What counts most is added up first. Once the rest cannot lift a point without it to where so many are already, it
    is not looked through (Turtle and Flood 1995).
    """
    parts = [(weight, one) for weight, one in zip(weights, own, strict=True)]
    parts += [(CONTEXT_WEIGHT * weight, one) for weight, one in zip(weights, context, strict=True)]
    parts.sort(key=lambda part: -part[0] * part[1].most)
    left = sum(weight * one.most for weight, one in parts)
    with snapshot.text.totals.borrow() as totals:
        for weight, one in parts:
            if len(one.texts) > DENSE_CANDIDATE_SHARE * len(totals):
                bound = _bound(totals, shown)
                if left < bound and len(points := _from(totals, bound - left, shown)) <= MAX_SCORED_POINTS:
                    break
            one.add_to(totals, weight)
            left -= weight * one.most
        else:
            points = _from(totals, _bound(totals, shown), shown)
        totals.fill(0)
    return points


def _from(totals: Float32Array, bound: float, shown: BoolArray | None) -> Numbers:
    reached = totals >= max(bound * ROUNDING_MARGIN, MIN_SCORE)
    return np.flatnonzero(reached if shown is None else reached & shown)


def _bound(totals: Float32Array, shown: BoolArray | None) -> float:
    """Something that at least CANDIDATES totals reach: as many blocks of them do. 0 where there are not so many."""
    whole = len(totals) // BLOCK_POINTS * BLOCK_POINTS
    if whole < MAX_CANDIDATES * BLOCK_POINTS:
        return 0
    totals = totals[:whole] if shown is None else totals[:whole] * shown[:whole]
    best = totals.reshape(BLOCK_POINTS, -1).max(axis=0)  # every so many-th: that is quicker than neighbours
    return float(np.partition(best, -MAX_CANDIDATES)[-MAX_CANDIDATES])


def _best(snapshot: Snapshot, matched: ScoredCandidates, possible: Numbers) -> BoolArray:
    """Which of the points are the CANDIDATES that score best by themselves; equal ones by their ids."""
    totals = (matched.own + CONTEXT_WEIGHT * matched.context).sum(axis=0)
    totals[~_among(matched.points, possible)] = 0
    best = np.zeros(len(totals), np.bool_)
    best[np.lexsort((snapshot.ids[matched.points], -totals))[:MAX_CANDIDATES]] = True
    best[totals == 0] = False
    return best


def _among(points: Numbers, others: Numbers) -> BoolArray:
    """Which of the points are among the others, which ascend."""
    if not len(others):
        return np.zeros(len(points), np.bool_)
    return np.asarray(others[np.minimum(np.searchsorted(others, points), len(others) - 1)] == points)


def only(matched: ScoredCandidates, chosen: BoolArray | Numbers) -> ScoredCandidates:
    """The same of these columns, in this order."""
    return replace(
        matched,
        points=matched.points[chosen],
        scores=matched.scores[chosen],
        words=matched.words[chosen],
        own=matched.own[:, chosen],
        context=matched.context[:, chosen],
        document=matched.document[:, chosen],
        named=matched.named[:, chosen],
        near=matched.near[:, chosen],
        similarity=matched.similarity and Similarity(*(column[chosen] for column in matched.similarity)),
    )


def _looked_at(
    snapshot: Snapshot,
    points: Numbers,
    weights: Sequence[float],
    own: Sequence[ConceptPostings],
    context: Sequence[ConceptPostings],
) -> ScoredCandidates:
    """What each concept scores in these points, and in their documents."""
    documents = np.searchsorted(snapshot.bounds, points, "right") - 1
    begins, ends = snapshot.bounds[documents], snapshot.bounds[documents + 1]
    # one row of places for all texts of these documents, a document after the other
    first = np.flatnonzero(np.diff(documents, prepend=-1))
    lengths = (ends - begins)[first]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    texts = np.arange(offsets[-1]) + np.repeat(begins[first] - offsets[:-1], lengths)
    document = np.cumsum(np.diff(documents, prepend=-1) > 0) - 1
    at = offsets[document] + points - begins
    shape = (len(own), len(points))
    inside, around, best = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    named, near = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    if len(points):
        with snapshot.text.masks.borrow() as here:
            here[texts] = True
            for n, (weight, text, heading) in enumerate(zip(weights, own, context, strict=True)):
                scores, had = text.scores_at(texts, here)
                headed, titled = heading.scores_at(texts, here)
                inside[n], around[n] = weight * scores[at], weight * headed[at]
                best[n] = weight * np.maximum.reduceat(scores, offsets[:-1])[document]
                had |= titled
                named[n], near[n] = had[at], np.logical_or.reduceat(had, offsets[:-1])[document]
            here[texts] = False
    nothing = np.zeros(len(points))
    plain = np.array([weight * text.idf for weight, text in zip(weights, own, strict=True)])
    return ScoredCandidates(
        points, nothing, nothing, inside, around, best, named, near, plain, snapshot.text.corpus_size
    )
