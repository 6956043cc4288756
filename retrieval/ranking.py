"""A question's concepts to ranked points: candidates by BM25, then each looked at in its document."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index import Found
from retrieval.meaning import Nearness
from retrieval.postings import Floats
from retrieval.question import Reading
from retrieval.snapshot import Snapshot

CONTEXT = 0.5  # what a match in title, topic or section is worth against one in the point's own text
DOCUMENT = 0.25  # share of the document's best point for a concept that its other points inherit
FIGURE = 0.4  # what a figure adds to a point where a quantity is asked for
FAVOUR = 0.3  # what the outlet or the time that a sentence names adds to the points that have it
LEAST = 1e-12  # totals below are what rounding left
BLOCK = 64  # totals of which the best is looked up at once
MEANING = 1.3  # what standing out by nearness as far as chance goes is worth against the best point's words
ALONE = 0.5  # standing from which a point is found that has none of the words
CANDIDATES = 300  # points looked at closely; the answer was never found further down in trials

Numbers = NDArray[np.int64]
NO_POINTS: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Matched:
    """The candidates and what each scored for each concept: rows are concepts, columns candidates, best first.

    `own` by its text, `context` by its headings, `document` by the best point of its document; `weights` is what one
    plain occurrence of each concept in a text scores, `size` the number of points in the corpus. `standing` says how
    far a point stands out by what it means: 0 without the extra.
    """

    points: Numbers
    scores: Floats
    own: Floats
    context: Floats
    document: Floats
    weights: Floats
    size: int
    standing: Floats


def rank(
    snapshot: Snapshot,
    reading: Reading,
    allowed: Sequence[int] | None = None,
    favoured: Sequence[int] = (),
    banned: Numbers = NO_POINTS,
    nearness: Nearness | None = None,
) -> Matched:
    """Points that match, best first; equal scores by the points' ids.

    With `nearness`, points that mean the same count too, and are raised among those that match.

    `allowed` are the keys of the documents that may be shown, None for all; `favoured` of those that are raised;
    `banned` are points.
    What words are worth stays the whole corpus's.
    """
    plans = [snapshot.plan(concept.alternatives) for concept in reading.concepts]
    weights = [concept.weight for concept in reading.concepts]
    own, context = snapshot.text.find(plans), snapshot.context.find(plans)
    points = _candidates(snapshot, allowed, banned, weights, own, context)
    if nearness:
        points = np.union1d(points, _near(snapshot, allowed, banned, nearness))
    matched = _looked_at(snapshot, points, weights, own, context)
    scores = score(matched)
    if reading.quantity:
        scores *= 1 + FIGURE * snapshot.figured[points]
    if favoured:
        scores *= 1 + FAVOUR * np.isin(snapshot.documents[points], favoured)
    standing, found = np.zeros(len(points)), np.ones(len(points), np.bool_)
    if nearness:
        standing = nearness.standing(snapshot.keys[points])
        scores = fused(scores, standing)
        found = (standing >= ALONE) | matched.own.any(axis=0) | matched.context.any(axis=0)
    order = np.lexsort((snapshot.ids[points], -scores))
    order = order[found[order]]
    return replace(
        matched,
        points=points[order],
        scores=scores[order],
        own=matched.own[:, order],
        context=matched.context[:, order],
        document=matched.document[:, order],
        standing=standing[order],
    )


def score(matched: Matched) -> Floats:
    direct = matched.own + CONTEXT * matched.context
    return np.asarray((direct + DOCUMENT * np.maximum(matched.document - direct, 0)).sum(axis=0), np.float64)


def fused(words: Floats, standing: Floats) -> Floats:
    """Above 0: the exponent of what words score, as a share of the best point's, and nearness add up to."""
    return np.asarray(np.exp(words / (words.max(initial=0) or 1) + MEANING * standing), np.float64)


def _near(snapshot: Snapshot, allowed: Sequence[int] | None, banned: Numbers, nearness: Nearness) -> Numbers:
    among = None
    if allowed is not None or len(banned):
        shown = np.ones(len(snapshot.keys), np.bool_) if allowed is None else np.isin(snapshot.documents, allowed)
        shown[banned] = False
        among = snapshot.keys[shown]
    return np.flatnonzero(np.isin(snapshot.keys, nearness.nearest(among)))


def _candidates(
    snapshot: Snapshot,
    allowed: Sequence[int] | None,
    banned: Numbers,
    weights: Sequence[float],
    own: Sequence[Found],
    context: Sequence[Found],
) -> Numbers:
    """The CANDIDATES points that score best by themselves, ascending; fewer where fewer match."""
    with snapshot.text.zeros() as totals:
        for weight, text, heading in zip(weights, own, context, strict=True):
            snapshot.text.add_scores(totals, text, weight)
            snapshot.context.add_scores(totals, heading, CONTEXT * weight)
        totals[banned] = 0
        if allowed is not None:
            totals[~np.isin(snapshot.documents, allowed)] = 0
        points = np.flatnonzero(totals >= _bound(totals))
        scores = totals[points]
        totals.fill(0)
    if len(points) > CANDIDATES:
        points = points[np.lexsort((snapshot.ids[points], -scores))[:CANDIDATES]]
    return np.sort(points)


def _bound(totals: Floats) -> float:
    """Something above 0 that at least CANDIDATES totals reach, if so many are above 0: as many blocks of them do."""
    whole = len(totals) // BLOCK * BLOCK
    best = totals[:whole].reshape(BLOCK, -1).max(axis=0)  # every so many-th: that is quicker than neighbours
    if len(best) < CANDIDATES:
        return LEAST
    return max(float(np.partition(best, -CANDIDATES)[-CANDIDATES]), LEAST)


def _looked_at(
    snapshot: Snapshot, points: Numbers, weights: Sequence[float], own: Sequence[Found], context: Sequence[Found]
) -> Matched:
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
    table, nearby, best = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    if len(points):
        places = np.zeros(snapshot.text.numbers, np.int32)
        places[texts] = np.arange(1, len(texts) + 1)
        for n, (weight, text, heading) in enumerate(zip(weights, own, context, strict=True)):
            scores = weight * snapshot.text.scores_at(text, places, len(texts))
            table[n] = scores[at]
            best[n] = np.maximum.reduceat(scores, offsets[:-1])[document]
            nearby[n] = weight * snapshot.context.scores_at(heading, places, len(texts))[at]
    nothing = np.zeros(len(points))
    plain = np.array([weight * text.idf for weight, text in zip(weights, own, strict=True)])
    return Matched(points, nothing, table, nearby, best, plain, snapshot.text.corpus_size, nothing)
