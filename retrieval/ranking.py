"""A question's concepts to ranked points: candidates by BM25, then each looked at in its document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus import Row
from retrieval.index import Index, Scored
from retrieval.postings import Floats
from retrieval.question import Reading, Vocabulary

CONTEXT = 0.5  # what a match in title, topic or section is worth against one in the point's own text
DOCUMENT = 0.25  # share of the document's best point for a concept that its other points inherit
FIGURE = 0.4  # what a figure adds to a point where a quantity is asked for
FAVOUR = 0.3  # what the outlet or the time that a sentence names adds to the points that have it
CANDIDATES = 300  # points looked at closely; the answer was never found further down in trials

Numbers = NDArray[np.int64]
NO_POINTS: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Snapshot:
    """The corpus as it was at `version`.

    By index number of the point, ascending in all: `keys` in the corpus, and `documents`, where equal numbers in a
    row are one document; `figured` says which points hold a figure.
    """

    version: object
    keys: Numbers
    documents: Numbers
    figured: NDArray[np.bool_]
    text: Index
    context: Index
    vocabulary: Vocabulary

    @classmethod
    def of(cls, rows: Iterable[Row], version: object) -> Self:
        keys, documents, texts, contexts, figured = [], [], [], [], []
        terms: set[str] = set()
        for row in rows:
            keys.append(row.point)
            documents.append(row.document)
            texts.append(row.text.split())
            contexts.append(f"{row.title} {row.section}".split())
            figured.append(any(term[0].isdigit() for term in texts[-1]))
            terms.update(texts[-1], contexts[-1])
        return cls(
            version,
            np.array(keys, np.int64),
            np.array(documents, np.int64),
            np.array(figured, np.bool_),
            Index(texts),
            Index(contexts),
            Vocabulary(sorted(terms)),
        )


@dataclass(frozen=True)
class Matched:
    """The candidates and what each scored for each concept: rows are concepts, columns candidates, best first.

    `own` by its text, `context` by its headings, `document` by the best point of its document; `weights` is what one
    plain occurrence of each concept in a text scores, `size` the number of points in the corpus.
    """

    points: Numbers
    scores: Floats
    own: Floats
    context: Floats
    document: Floats
    weights: Floats
    size: int


def rank(
    snapshot: Snapshot,
    reading: Reading,
    allowed: Sequence[int] | None = None,
    favoured: Sequence[int] = (),
    banned: Numbers = NO_POINTS,
) -> Matched:
    """Points that match, best first; equal scores in the order of the points' keys.

    `allowed` are the keys of the documents that may be shown, None for all; `favoured` of those that are raised;
    `banned` are points.
    What words are worth stays the whole corpus's.
    """
    own = [snapshot.text.concept_scores(concept) for concept in reading.concepts]
    context = [snapshot.context.concept_scores(concept) for concept in reading.concepts]
    points = _candidates(snapshot.documents, allowed, banned, own, context)
    matched = Matched(
        points,
        np.zeros(len(points)),
        _at(points, own),
        _at(points, context),
        _documents(snapshot.documents, points, own),
        np.array([one.weight for one in own]),
        len(snapshot.keys),
    )
    scores = score(matched)
    if reading.quantity:
        scores *= 1 + FIGURE * snapshot.figured[points]
    if favoured:
        scores *= 1 + FAVOUR * np.isin(snapshot.documents[points], favoured)
    order = np.lexsort((points, -scores))
    return replace(
        matched,
        points=points[order],
        scores=scores[order],
        own=matched.own[:, order],
        context=matched.context[:, order],
        document=matched.document[:, order],
    )


def score(matched: Matched) -> Floats:
    direct = matched.own + CONTEXT * matched.context
    return np.asarray((direct + DOCUMENT * np.maximum(matched.document - direct, 0)).sum(axis=0), np.float64)


def _candidates(
    documents: Numbers,
    allowed: Sequence[int] | None,
    banned: Numbers,
    own: Sequence[Scored],
    context: Sequence[Scored],
) -> Numbers:
    totals = np.zeros(len(documents))
    for scored in own:
        totals[scored.texts] += scored.scores
    for scored in context:
        totals[scored.texts] += CONTEXT * scored.scores
    totals[banned] = 0
    found = np.flatnonzero(totals)
    if allowed is not None:
        found = found[np.isin(documents[found], allowed)]
    if len(found) > CANDIDATES:
        found = found[np.argpartition(-totals[found], CANDIDATES)[:CANDIDATES]]
    return np.sort(found)


def _at(points: Numbers, scored: Sequence[Scored]) -> Floats:
    """Scores of these points, one row for each of `scored`."""
    table = np.zeros((len(scored), len(points)))
    for row, one in zip(table, scored, strict=True):
        if len(one.texts):
            at = np.minimum(np.searchsorted(one.texts, points), len(one.texts) - 1)
            row[:] = np.where(one.texts[at] == points, one.scores[at], 0)
    return table


def _documents(documents: Numbers, points: Numbers, scored: Sequence[Scored]) -> Floats:
    """The best score in each of these points' documents, one row for each of `scored`."""
    starts = np.searchsorted(documents, documents[points], "left")
    ends = np.searchsorted(documents, documents[points], "right")
    table = np.zeros((len(scored), len(points)))
    for row, one in zip(table, scored, strict=True):
        first, last = np.searchsorted(one.texts, starts), np.searchsorted(one.texts, ends)
        filled = np.flatnonzero(first < last)
        if len(filled):
            bounds = np.stack([first[filled], last[filled]], axis=1).ravel()
            row[filled] = np.maximum.reduceat(np.append(one.scores, 0), bounds)[::2]
    return table
