"""The ranker: a query's concepts to candidates by BM25, then to points ranked within their documents."""

from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.postings import BoolArray, FloatArray
from retrieval.index.snapshot import Snapshot
from retrieval.query.concepts import AnalyzedQuery
from retrieval.runtime.kernels import Kernel
from retrieval.search.candidates import NO_POINTS, Numbers, ScoredCandidates, join, select
from retrieval.search.scoring import NO_MASK, QuestionPostings
from retrieval.semantic.vector_index import QuerySimilarity

FIGURE_WEIGHT = 0.4  # added to a point with a figure if a quantity is asked for
FAVOUR_WEIGHT = 0.3  # added to points of the outlet or the time that a sentence names
SEMANTIC_WEIGHT = 0.6  # of standing out by similarity as far as chance goes, against the best point's words
SEMANTIC_ONLY_WEIGHT = 0.5  # standing that a point without any of the words needs
MAX_COMPARED_BY_MEANING = 100  # points with the best words, beside all similar ones: reading a vector takes longest

# What `add_similar` says; returns how many points are added. There is room for a point and a mark for each of the
# nearest; the marks are zeros.
_add_similar = Kernel(
    "int64_t add_similar(const int64_t *nearest, int64_t nearest_count, const int64_t *keys, int64_t key_count, "
    "const int64_t *points, int64_t point_count, int64_t *added, _Bool *is_similar);"
)


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
        matched, is_similar = self._with_similar(nearness) if nearness else (self.lexical, NO_MASK)
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

    def _with_similar(self, nearness: QuerySimilarity) -> tuple[ScoredCandidates, BoolArray]:
        """The candidates and those of the similar points that are none yet, and which of all are similar."""
        keys = self.snapshot.keys
        nearest = nearness.nearest(None if self.mask is None else keys[self.mask])
        added, is_similar = add_similar(nearest, keys, self.lexical.points)
        matched = join(self.lexical, self.postings.score(self.snapshot, added)) if len(added) else self.lexical
        return matched, is_similar


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


def add_similar(nearest: Numbers, keys: Numbers, points: Numbers) -> tuple[Numbers, BoolArray]:
    """Which points have the nearest of all keys and are no candidates yet, and of all candidates, these last, whether
    they are among the nearest; everything ascends."""
    added, is_similar = np.empty(len(nearest), np.int64), np.zeros(len(points) + len(nearest), np.bool_)
    size = _add_similar(nearest, len(nearest), keys, len(keys), points, len(points), added, is_similar)
    return added[:size], is_similar[: len(points) + size]


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


def _nth_best(scores: FloatArray, n: int) -> float:
    """Of fewer scores, none is too low."""
    return float(np.partition(scores, -n)[-n]) if len(scores) > n else 0.0
