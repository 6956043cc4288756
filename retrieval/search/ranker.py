"""The ranker: a query's concepts to candidates by BM25, then to points ranked within their documents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Bm25Index
from retrieval.index.concept_postings import ConceptPostings, concept_table
from retrieval.index.postings import BoolArray, Float32Array, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.candidates import NO_POINTS, Numbers, ScoredCandidates, join, select
from retrieval.semantic.vector_index import QuerySimilarity

CONTEXT_WEIGHT = 0.8  # of a match in title, topic or section, against 1 in the point's own text
# Share of the lower of the two that is added to the higher: a document's points share their title, and the one that
# repeats its words is not the one that answers. Plain sums cost three questions of a hundred their first place.
REPEATED_WEIGHT = 0.2
DOCUMENT_WEIGHT = 0.25  # share of the document's best score for a concept that its other points inherit
FIGURE_WEIGHT = 0.4  # added to a point with a figure if a quantity is asked for
FAVOUR_WEIGHT = 0.3  # added to points of the outlet or the time that a sentence names
MIN_SCORE = 1e-6  # smaller totals are rounding errors
ROUNDING_MARGIN = 1 - 1e-5  # totals are in single precision: they only choose candidates
DENSE_CANDIDATE_SHARE = 1 / 16  # of the texts: for so many postings, check whether they can be skipped
MAX_SCORED_POINTS = 3_000  # scored exactly, rather than walking through more postings
BLOCK_POINTS = 64  # totals of which only the best is compared
SEMANTIC_WEIGHT = 0.6  # of standing out by similarity as far as chance goes, against the best point's words
SEMANTIC_ONLY_WEIGHT = 0.5  # standing that a point without any of the words needs
MAX_COMPARED_BY_MEANING = 100  # points with the best words, beside all similar ones: reading a vector takes longest
MAX_CANDIDATES = 300  # scored in their documents; in trials no answer ranked lower
MIN_BLOCKS = 5 * MAX_CANDIDATES  # of few points, blocks are smaller: the bound would be low


@dataclass(frozen=True, slots=True)
class GatheredCandidates:
    """A question's postings and its best points by words, which are ranked by words alone or by meaning too.

    `mask` marks the points that may be shown, None for all; `favoured` the documents that are raised.
    """

    snapshot: Snapshot
    reading: AnalyzedQuery
    mask: BoolArray | None
    favoured: BoolArray | None
    weights: Sequence[float]
    own: Sequence[ConceptPostings]
    context: Sequence[ConceptPostings]
    lexical: ScoredCandidates

    def ranked(self, nearness: QuerySimilarity | None = None) -> ScoredCandidates:
        """Best first, equal scores by id; with `nearness` also similar points."""
        similar = _similar_points(self.snapshot, self.mask, nearness) if nearness else NO_POINTS
        matched = self._joined(np.setdiff1d(similar, self.lexical.points))
        points, scores = matched.points, score(matched)
        if self.reading.quantity:
            scores *= 1 + FIGURE_WEIGHT * self.snapshot.figured[points]
        if self.favoured is not None:
            scores *= 1 + FAVOUR_WEIGHT * self.favoured[np.searchsorted(self.snapshot.bounds, points, "right") - 1]
        words, similarity, found = scores, None, np.ones(len(points), np.bool_)
        if nearness:
            closely = np.isin(points, similar) | (scores >= _nth_best(scores, MAX_COMPARED_BY_MEANING))
            similarity = nearness.similarity(self.snapshot.keys[points], closely)
            scores = fuse(scores, similarity.standing)
            direct = matched.own.any(axis=0) | matched.context.any(axis=0)
            found = (similarity.standing >= SEMANTIC_ONLY_WEIGHT) | direct
        order = np.lexsort((self.snapshot.ids[points], -scores))
        return select(replace(matched, scores=scores, words=words, similarity=similarity), order[found[order]])

    def _joined(self, points: Numbers) -> ScoredCandidates:
        if not len(points):
            return self.lexical
        return join(self.lexical, _score_points(self.snapshot, points, self.weights, self.own, self.context))


def rank(
    snapshot: Snapshot,
    reading: AnalyzedQuery,
    allowed: BoolArray | None = None,
    favoured: BoolArray | None = None,
    banned: Numbers = NO_POINTS,
) -> ScoredCandidates:
    """Matching points by words alone, best first; the arguments are those of `gather`."""
    return gather(snapshot, reading, allowed, favoured, banned).ranked()


def gather(
    snapshot: Snapshot,
    reading: AnalyzedQuery,
    allowed: BoolArray | None = None,
    favoured: BoolArray | None = None,
    banned: Numbers = NO_POINTS,
) -> GatheredCandidates:
    """The best points by words, not ranked yet.

    `allowed` are the documents that may be shown, None for all; `favoured` those that are raised; both as masks of the
    snapshot's documents. `banned` are points. The idf stays that of the whole corpus.
    """
    plans = [snapshot.plans.plan(concept.alternatives, concept.neighbours) for concept in reading.concepts]
    weights = [concept.weight for concept in reading.concepts]
    own, context = snapshot.text.find_concepts(plans), snapshot.context.find_concepts(plans)
    mask = _allowed_points(snapshot, allowed, banned)
    points = _best(snapshot, _lexical_points(snapshot, mask, weights, own, context), weights, own, context)
    lexical = _score_points(snapshot, points, weights, own, context)
    return GatheredCandidates(snapshot, reading, mask, favoured, weights, own, context, lexical)


def direct_scores(matched: ScoredCandidates) -> FloatArray:
    """The score of each concept in a point and its headings."""
    context = CONTEXT_WEIGHT * matched.context
    return np.maximum(matched.own, context) + REPEATED_WEIGHT * np.minimum(matched.own, context)


def score(matched: ScoredCandidates) -> FloatArray:
    direct = direct_scores(matched)
    inherited = DOCUMENT_WEIGHT * np.maximum(matched.document - direct, 0)
    # of columns: numpy sums up rows in another order, and a score should not depend on how a table came about
    return np.asarray(np.asfortranarray(direct + inherited).sum(axis=0), np.float64)


def fuse(words: FloatArray, standing: FloatArray) -> FloatArray:
    """exp of the words' score, as a share of the best point's, plus the weighted standing; > 0."""
    return np.asarray(np.exp(words / (words.max(initial=0) or 1) + SEMANTIC_WEIGHT * standing), np.float64)


def _allowed_points(snapshot: Snapshot, allowed: BoolArray | None, banned: Numbers) -> BoolArray | None:
    """A mask of the points that may be shown; None for all of them."""
    if allowed is None and not len(banned):
        return None
    mask = np.ones(len(snapshot.keys), np.bool_) if allowed is None else snapshot.points_of(allowed)
    mask[banned] = False
    return mask


def _similar_points(snapshot: Snapshot, mask: BoolArray | None, nearness: QuerySimilarity) -> Numbers:
    nearest = nearness.nearest(None if mask is None else snapshot.keys[mask])
    at = np.searchsorted(snapshot.keys, nearest)
    there = at < len(snapshot.keys)
    at, nearest = at[there], nearest[there]
    return np.asarray(at[snapshot.keys[at] == nearest], np.int64)


def _lexical_points(
    snapshot: Snapshot,
    mask: BoolArray | None,
    weights: Sequence[float],
    own: Sequence[ConceptPostings],
    context: Sequence[ConceptPostings],
) -> Numbers:
    """Points that include the MAX_CANDIDATES best by their own scores, ascending.

    The heaviest postings are added up first; once the rest cannot lift another point among the best, they are skipped
    (Turtle and Flood 1995).
    """
    parts = [(weight, postings, False) for weight, postings in zip(weights, own, strict=True)]
    parts += [(CONTEXT_WEIGHT * weight, postings, True) for weight, postings in zip(weights, context, strict=True)]
    parts.sort(key=lambda part: -part[0] * part[1].most)
    left = sum(weight * postings.most for weight, postings, _ in parts)
    if snapshot.living is not None:
        mask = snapshot.living if mask is None else snapshot.living & mask
    with snapshot.text.totals.borrow() as totals:
        for weight, found, is_heading in parts:
            postings = _spread(snapshot, found) if is_heading else found
            if len(postings.texts) > DENSE_CANDIDATE_SHARE * len(totals):
                bound = _lower_bound(totals, mask)
                if left < bound and len(points := _at_least(totals, bound - left, mask)) <= MAX_SCORED_POINTS:
                    break
            postings.add_to(totals, weight)
            left -= weight * postings.most
        else:
            points = _at_least(totals, _lower_bound(totals, mask), mask)
        totals.fill(0)
    return points


def _spread(snapshot: Snapshot, postings: ConceptPostings) -> ConceptPostings:
    """Those of headings as those of their points."""
    begins = snapshot.heading_bounds.take(postings.texts)
    sizes = snapshot.heading_bounds.take(postings.texts + 1) - begins
    offsets = np.cumsum(sizes) - sizes
    points = (np.arange(sizes.sum()) + np.repeat(begins - offsets, sizes)).astype(np.int32)
    scores, named = np.repeat(postings.scores, sizes), np.repeat(postings.named, sizes)
    return replace(postings, texts=points, scores=scores, named=named)


def _nth_best(scores: FloatArray, n: int) -> float:
    """Of fewer scores, none is too low."""
    return float(np.partition(scores, -n)[-n]) if len(scores) > n else 0.0


def _at_least(totals: Float32Array, bound: float, mask: BoolArray | None) -> Numbers:
    reached = totals >= max(bound * ROUNDING_MARGIN, MIN_SCORE)
    return np.flatnonzero(reached if mask is None else reached & mask)


def _lower_bound(totals: Float32Array, mask: BoolArray | None) -> float:
    """A bound that at least MAX_CANDIDATES totals reach, since as many blocks do; 0 if there are fewer blocks."""
    block = max(1, min(BLOCK_POINTS, len(totals) // MIN_BLOCKS))
    whole = len(totals) // block * block
    if whole < MAX_CANDIDATES * block:
        return 0
    totals = totals[:whole] if mask is None else totals[:whole] * mask[:whole]
    best = totals.reshape(block, -1).max(axis=0)  # strided blocks: faster than contiguous ones
    return float(np.partition(best, -MAX_CANDIDATES)[-MAX_CANDIDATES])


def _best(
    snapshot: Snapshot,
    points: Numbers,
    weights: Sequence[float],
    own: Sequence[ConceptPostings],
    context: Sequence[ConceptPostings],
) -> Numbers:
    """The MAX_CANDIDATES points with the best own scores, ascending; equal ones by id."""
    if not len(points):
        return points
    inside, _ = _table(snapshot.text, points, weights, own)
    around, _ = _heading_table(snapshot, points, weights, context)
    totals = (inside + CONTEXT_WEIGHT * around).sum(axis=0)
    best = np.flatnonzero(totals)
    if len(best) > MAX_CANDIDATES:
        order = np.lexsort((snapshot.ids.take(points.take(best)), -totals.take(best)))
        best = np.sort(best.take(order[:MAX_CANDIDATES]))
    return points.take(best)


def _score_points(
    snapshot: Snapshot,
    points: Numbers,
    weights: Sequence[float],
    own: Sequence[ConceptPostings],
    context: Sequence[ConceptPostings],
) -> ScoredCandidates:
    """The score of each concept in these points, and in their documents."""
    shape = len(own), len(points)
    plain = np.array([weight * text.idf for weight, text in zip(weights, own, strict=True)])
    nothing, nowhere = np.zeros(len(points)), np.zeros(shape, np.bool_)
    scores, named = (np.zeros(shape), np.zeros(shape), np.zeros(shape)), (nowhere, nowhere)
    if len(own) and len(points):
        documents = np.searchsorted(snapshot.bounds, points, "right") - 1
        first = np.flatnonzero(np.diff(documents, prepend=-1))
        begins, ends = snapshot.bounds.take(documents.take(first)), snapshot.bounds.take(documents.take(first) + 1)
        offsets = np.concatenate(([0], np.cumsum(ends - begins)))
        # all texts of these documents in a row, one document after the other
        texts = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], ends - begins)
        document = np.repeat(np.arange(len(first)), np.diff(first, append=len(points)))
        at = points + (offsets[:-1] - begins).take(document)
        inside, in_text = _table(snapshot.text, texts, weights, own)
        around, in_headings = _heading_table(snapshot, texts, weights, context)
        best = np.maximum.reduceat(inside, offsets[:-1], axis=1)
        scores = inside.take(at, axis=1), around.take(at, axis=1), best.take(document, axis=1)
        either = in_text | in_headings
        near = np.logical_or.reduceat(either, offsets[:-1], axis=1).take(document, axis=1)
        named = either.take(at, axis=1), near
    return ScoredCandidates(points, nothing, nothing, *scores, *named, plain, snapshot.text.size)


def _heading_table(
    snapshot: Snapshot, points: Numbers, weights: Sequence[float], context: Sequence[ConceptPostings]
) -> tuple[FloatArray, BoolArray]:
    """As `_table`, of the headings of these points."""
    headings = snapshot.headings.take(points)
    first = np.flatnonzero(np.diff(headings, prepend=-1))
    places = np.repeat(np.arange(len(first)), np.diff(first, append=len(points)))
    around, named = _table(snapshot.context, headings.take(first), weights, context)
    return around.take(places, axis=1), named.take(places, axis=1)


def _table(
    index: Bm25Index, texts: NDArray[Any], weights: Sequence[float], concepts: Sequence[ConceptPostings]
) -> tuple[FloatArray, BoolArray]:
    """A row for each concept, a column for each of these texts, which ascend: its scores, and whole names."""
    with index.places.borrow() as places:
        places[texts] = np.arange(1, len(texts) + 1, dtype=np.int32)
        table = concept_table(concepts, weights, places, len(texts))
        places[texts] = 0
    return table
