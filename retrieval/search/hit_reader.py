"""Hits: points in the order of their scores go in; those that have the phrases come out, read from the corpus."""

import re
from operator import itemgetter

import numpy as np

from retrieval.language.tokenizer import normalize
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import Document, Point
from retrieval.model.results import Hit
from retrieval.query.filters import QueryFilters
from retrieval.search.candidates import Numbers
from retrieval.search.corpus_state import SearchContext
from retrieval.search.found_point import FoundPoint
from retrieval.search.proximity import MAX_PHRASED_POINTS, VerbatimBoost
from retrieval.search.reranker import Reranked


def read_points(
    reranked: Reranked, asked: QueryFilters, wanted: int, context: SearchContext, boost: VerbatimBoost
) -> list[FoundPoint]:
    """The best points that have the phrases, equal scores newest first, then by id.

    The scores of the first MAX_PHRASED_POINTS are boosted by their texts. Of those after the first `wanted`, only texts
    are read that have all words of the question: others have it not word for word.
    """
    matched = reranked.matched
    found: list[tuple[float, Document, Point, int]] = []
    at = 0
    while len(found) < wanted and at < len(matched.points):
        end = min(at + max(wanted, MAX_PHRASED_POINTS), len(matched.points))
        while end < len(matched.points) and matched.scores[end] == matched.scores[end - 1]:
            end += 1
        read = np.arange(at, end)
        if not at and not asked.phrases and boost.factor >= 1:
            read = _among_wanted(reranked, wanted, end)
        keys = context.snapshot.keys.take(matched.points.take(read)).tolist()
        rows = context.corpus.hits(keys)
        scores = zip(keys, read.tolist(), matched.scores.take(read).tolist(), strict=True)
        scored = [(score, *rows[key], column) for key, column, score in scores if key in rows]
        if not at:
            first = int(np.count_nonzero(read < MAX_PHRASED_POINTS))
            scored[:first] = [
                (score * boost.of(point.text), document, point, column)
                for score, document, point, column in scored[:first]
            ]
        if len({score for score, *_ in scored}) < len(scored):
            scored.sort(key=lambda hit: (-hit[1].published.timestamp(), hit[1].id))
        scored.sort(key=itemgetter(0), reverse=True)
        found += [hit for hit in scored if _has_phrases(hit[1], hit[2], asked)] if asked.phrases else scored
        at = end
    return [FoundPoint(n, *one) for n, one in enumerate(found[:wanted], 1)]


def _among_wanted(reranked: Reranked, wanted: int, end: int) -> Numbers:
    """Those of the first `end` points that are among the `wanted`, or may be if they have all words."""
    scores, covered = reranked.matched.scores[:end], np.asarray(reranked.features.coverage.there.all(axis=0))[:end]
    chosen = np.asarray(scores >= scores[min(wanted, end) - 1], np.bool_)
    chosen[: len(covered)] |= covered
    return np.flatnonzero(chosen)


def read_newest(context: SearchContext, wanted: DocumentFilter, k: int) -> tuple[Hit, ...]:
    """For a question of filters only: the first point of each of the newest documents."""
    keys = context.newest(wanted, k)
    rows = context.corpus.hits(keys)
    found = [rows[key] for key in keys if key in rows]
    return tuple(Hit(n, 1 / n, point, document) for n, (document, point) in enumerate(found, 1))


def _has_phrases(document: Document, point: Point, asked: QueryFilters) -> bool:
    text = f"{_plain(document.title)}\n{_plain(point.section)}\n{_plain(point.text)}"
    return all(_has_phrase(text, _plain(phrase)) for phrase in asked.phrases)


def _has_phrase(text: str, phrase: str) -> bool:
    """An English phrase must be of whole words."""
    return phrase in text and (not phrase.isascii() or bool(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)))


def _plain(text: str) -> str:
    return " ".join(normalize(text).split())
