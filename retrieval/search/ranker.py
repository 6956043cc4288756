"""The ranker: a query's concepts to candidates by BM25, then to points ranked within their documents."""

from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.postings import BoolArray, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.candidates import NO_POINTS, Numbers, ScoredCandidates, join, select
from retrieval.search.scoring import QuestionPostings
from retrieval.semantic.vector_index import QuerySimilarity

FIGURE_WEIGHT = 0.4  # added to a point with a figure if a quantity is asked for
FAVOUR_WEIGHT = 0.3  # added to points of the outlet or the time that a sentence names
SEMANTIC_WEIGHT = 0.6  # of standing out by similarity as far as chance goes, against the best point's words
SEMANTIC_ONLY_WEIGHT = 0.5  # standing that a point without any of the words needs
MAX_COMPARED_BY_MEANING = 100  # points with the best words, beside all similar ones: reading a vector takes longest


@dataclass(frozen=True, slots=True)
class GatheredCandidates:
    """A question's postings and its best points by words, which are ranked by words alone or by meaning too.

    `mask` marks the points that may be shown, None for all; `favoured` the documents that are raised.
    """

    snapshot: Snapshot
    reading: AnalyzedQuery
    mask: BoolArray | None
    favoured: BoolArray | None
    postings: QuestionPostings
    lexical: ScoredCandidates

    def ranked(self, nearness: QuerySimilarity | None = None) -> ScoredCandidates:
        """Best first, equal scores by id; with `nearness` also similar points."""
        similar = _similar_points(self.snapshot, self.mask, nearness) if nearness else NO_POINTS
        matched, is_similar = self._with_similar(similar)
        points, scores = matched.points, matched.scores
        if self.reading.quantity:
            scores = scores * (1 + FIGURE_WEIGHT * self.snapshot.figured.take(points))
        if self.favoured is not None:
            documents = np.searchsorted(self.snapshot.bounds, points, "right") - 1
            scores = scores * (1 + FAVOUR_WEIGHT * self.favoured[documents])
        words, similarity = scores, None
        if nearness:
            closely = is_similar | (scores >= _nth_best(scores, MAX_COMPARED_BY_MEANING))
            similarity = nearness.similarity(self.snapshot.keys[points], closely)
            scores = fuse(scores, similarity.standing)
        order = np.lexsort((self.snapshot.ids.take(points), -scores))
        if similarity:
            found = (similarity.standing >= SEMANTIC_ONLY_WEIGHT) | matched.tables[:, :2].any(axis=(1, 2))
            order = order[found[order]]
        return select(replace(matched, scores=scores, words=words, similarity=similarity), order)

    def _with_similar(self, similar: Numbers) -> tuple[ScoredCandidates, BoolArray]:
        """The candidates and those of the similar points that are none yet, and which of all are similar."""
        points, is_similar = self.lexical.points, np.zeros(len(self.lexical.points), np.bool_)
        if not len(similar):
            return self.lexical, is_similar
        at = np.searchsorted(points, similar)
        known = points.take(at, mode="clip") == similar if len(points) else np.zeros(len(similar), np.bool_)
        is_similar[at[known]] = True
        added = similar[~known]
        matched = join(self.lexical, self.postings.score(self.snapshot, added)) if len(added) else self.lexical
        return matched, np.concatenate((is_similar, np.ones(len(added), np.bool_)))


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
    postings = QuestionPostings.of(snapshot.text.find_concepts(plans), snapshot.context.find_concepts(plans), weights)
    mask = _allowed_points(snapshot, allowed, banned)
    lexical = postings.score(snapshot, postings.best_points(snapshot, mask))
    return GatheredCandidates(snapshot, reading, mask, favoured, postings, lexical)


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
    """Ascending."""
    nearest = nearness.nearest(None if mask is None else snapshot.keys[mask])
    at = np.searchsorted(snapshot.keys, nearest)
    there = at < len(snapshot.keys)
    at, nearest = at[there], nearest[there]
    return np.asarray(at[snapshot.keys[at] == nearest], np.int64)


def _nth_best(scores: FloatArray, n: int) -> float:
    """Of fewer scores, none is too low."""
    return float(np.partition(scores, -n)[-n]) if len(scores) > n else 0.0
