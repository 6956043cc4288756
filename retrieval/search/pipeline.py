"""One question against one state of the corpus."""

import math
import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from retrieval.index.snapshot import Snapshot
from retrieval.language.fingerprints import TextFingerprint
from retrieval.language.tokenizer import has_han, normalize, stem
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.results import Correction, Hit, Result
from retrieval.model.results import Interpretation as Understood
from retrieval.query import filters
from retrieval.query.analyzer import AnalyzedQuery, QueryAnalyzer
from retrieval.query.filters import QueryFilters
from retrieval.runtime.cache import BoundedCache
from retrieval.search.confidence import JudgedQuestion, judge
from retrieval.search.explanation import Explained, Explanation
from retrieval.search.features import VERBATIM
from retrieval.search.highlighter import Highlighter
from retrieval.search.near_duplicates import fold
from retrieval.search.proximity import PHRASED_POINTS, Phrasing, plain
from retrieval.search.ranker import NO_POINTS, Numbers, ScoredCandidates, rank
from retrieval.search.reranker import rerank
from retrieval.search.weights import LearnedWeights, shipped
from retrieval.semantic.vector_index import VectorIndex
from retrieval.storage.corpus import Corpus

MAX_QUESTION_CHARS = 1000  # characters of a question that are read
MAX_POINTS = 50  # points of one result
SAME_STORY_SCORE = 0.7  # weight from which another name of an excluded word is excluded with it
COMPARED = 2  # hits, however few are asked for: how far the first stands before the second says how sure it is
SPARE_FACTOR = 2  # hits fetched for one that is shown: near-duplicates fold into one
MAX_CACHED_RESULTS = 256  # results kept, some 5 MB


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What a question is answered from; `topics` are the names of those there are, `meaning` is the extra's.

    `answered` keeps what was found, by all that it depends on: examples, pages and what a group repeats are asked
    over and over. What is not there is searched for in `turn`: of six threads that hand Python's own lock to and fro at
    each of numpy's small steps, every one takes twice the processor time.
    """

    corpus: Corpus
    snapshot: Snapshot
    topics: tuple[str, ...]
    meaning: VectorIndex | None = None
    weights: LearnedWeights = field(default_factory=shipped)
    answered: BoundedCache[tuple[object, ...], Result] = field(
        default_factory=partial(BoundedCache, MAX_CACHED_RESULTS)
    )
    turn: threading.Lock = field(default_factory=threading.Lock)


def search(
    question: str, k: int, now: datetime, after: int, until: int | None, context: SearchContext, reader: QueryAnalyzer
) -> Result:
    """As `Library.search`."""
    started = time.perf_counter()
    asked = question, k, now.astimezone(BEIJING).date(), after, until, reader.aliases.version()
    if (known := context.answered.get(asked)) is None:
        with context.turn:
            known = context.answered[asked] = _search(question, k, now, after, until, context, reader)
    return replace(known, milliseconds=(time.perf_counter() - started) * 1000)


def _search(
    question: str, k: int, now: datetime, after: int, until: int | None, context: SearchContext, reader: QueryAnalyzer
) -> Result:
    return _explained(question, k, now, after, until, context, reader).result


def explain(
    question: str, k: int, now: datetime, after: int, until: int | None, context: SearchContext, reader: QueryAnalyzer
) -> Explanation:
    """As `Library.explain`."""
    return _explained(question, k, now, after, until, context, reader).explanation()


def _explained(
    question: str, k: int, now: datetime, after: int, until: int | None, context: SearchContext, reader: QueryAnalyzer
) -> Explained:
    written = question.encode("utf-8", "replace").decode()[:MAX_QUESTION_CHARS]
    asked = filters.parse_filters(written, now, context.topics)
    reading = reader.analyze(asked.text)
    allowed, favoured = _allowed(asked, context.corpus, after, until), _favoured(asked, context.corpus)
    banned = _banned(asked, context.snapshot, reader)
    nearness = context.meaning.to(_vector_search(asked.text, reading)) if context.meaning and reading.concepts else None
    weights = context.weights.meaning if nearness else context.weights.words
    reranked = rerank(
        reading, rank(context.snapshot, reading, allowed, favoured, banned, nearness), context.snapshot, weights.order
    )
    k = min(k, MAX_POINTS)
    if not reading.concepts and allowed is not None and not after and until is None:
        hits = _listed(context.corpus, allowed, k)
        understood = _interpretation(asked, (), truncated=len(question) > MAX_QUESTION_CHARS)
        return Explained(
            Result(question, "answer" if hits else "none", float(bool(hits)), (), 0.0, hits, reading=understood)
        )
    phrasing = Phrasing.of(asked.text, reader.words.segment)
    phrased = partial(_phrased, phrasing=phrasing, weight=weights.order.get(VERBATIM, 0.0))
    found, traces = _hits(reranked.matched, asked, max(k, COMPARED) * SPARE_FACTOR, context, phrased)
    preferred = asked.outlets + asked.favoured_outlets
    folded = fold(found, lambda hit: TextFingerprint.from_text(traces[hit.point.id]), preferred, max(k, COMPARED))
    outlets = asked.favoured_outlets
    judging = JudgedQuestion(written, reading, phrasing, reranked.matched, context.snapshot, reader.lexicon, outlets)
    judged = judge(judging, folded, weights)
    sought = Highlighter.of(reading.concepts)
    hits = tuple(replace(hit, matches=sought.find(hit.point.text)) for hit in folded[:k])
    told = [correction for correction in reading.corrections if hits and _told(correction, reading, hits[0].point.text)]
    corrections = tuple(_written_out(correction, hits) for correction in told)
    result = Result(
        question,
        judged.verdict,
        judged.confidence,
        judged.missing,
        0.0,
        hits,
        judged.nowhere,
        _interpretation(asked, corrections, truncated=len(question) > MAX_QUESTION_CHARS),
    )
    return Explained(result, judging, tuple(folded[:k]), reranked.features, weights)


def _told(correction: Correction, reading: AnalyzedQuery, text: str) -> bool:
    """Whether the text has the word that was read, and not the one that was written or another form of it."""
    if correction.asked in plain(text) or _forms(correction.asked) & _forms(correction.read):
        return False
    concept = next((one for one in reading.concepts if one.word == correction.asked), None)
    return bool(concept and Highlighter.of([replace(concept, alternatives=concept.alternatives[1:])]).find(text))


def _forms(word: str) -> set[str]:
    """Without accents, and in the singular."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    return {bare, bare.removesuffix("s"), stem(bare)}


def _written_out(correction: Correction, hits: Iterable[Hit]) -> Correction:
    """With the word as the first point has it that has it, where only its stem is known."""
    for hit in hits:
        for match in hit.matches:
            word = hit.point.text[match.start : match.end].lower()
            if match.word == correction.asked and stem(word) == correction.read:
                return replace(correction, read=word)
    return correction


def _vector_search(text: str, reading: AnalyzedQuery) -> str:
    """What is encoded: slips put right, and what was spelt in pinyin in characters; an encoder reads neither."""
    for correction in reading.corrections:
        if has_han(correction.read):
            text = text.replace(correction.asked, correction.read)
    if any(concept.read for concept in reading.concepts):
        return "".join(concept.read or f" {concept.word} " for concept in reading.concepts if concept.asked)
    return text


def _allowed(asked: QueryFilters, corpus: Corpus, after: int, until: int | None) -> list[int] | None:
    """The keys of the documents that may be shown; None for all."""
    keys = None
    if asked.outlets or asked.topics or asked.since or asked.until:
        keys = corpus.matching(asked.outlets, asked.topics, asked.since, asked.until)
    if after or until is not None:
        last = math.inf if until is None else until
        keys = [key for key in (corpus.matching() if keys is None else keys) if after < key <= last]
    return keys


def _favoured(asked: QueryFilters, corpus: Corpus) -> list[int]:
    found: list[int] = []
    if asked.favoured_outlets:
        found += corpus.matching(outlets=asked.favoured_outlets)
    if asked.favoured_since or asked.favoured_until:
        found += corpus.matching(since=asked.favoured_since, until=asked.favoured_until)
    return found


def _banned(asked: QueryFilters, snapshot: Snapshot, reader: QueryAnalyzer) -> Numbers:
    """The points that have an excluded word, by whichever of its names: -管线 leaves out pipelines."""
    if not asked.excluded:
        return NO_POINTS
    wholes = [
        concept for text in asked.excluded for concept in reader.analyze(text).concepts if concept.asked == concept.word
    ]
    sure = [
        alternative for whole in wholes for alternative in whole.alternatives if alternative.weight >= SAME_STORY_SCORE
    ]
    return snapshot.text.frequencies(sure, partial=0)[0]


def _hits(
    matched: ScoredCandidates, asked: QueryFilters, wanted: int, context: SearchContext, phrased: Callable[[str], float]
) -> tuple[list[Hit], dict[str, str]]:
    """The best points that have the phrases and lack what is excluded, equal scores newest first, then by id; and
    their traces by the points' ids, as `TextFingerprint.written`. The first scores are multiplied by what `phrased`
    says of the texts."""
    found: list[tuple[float, Document, Point, str]] = []
    at = 0
    while len(found) < wanted and at < len(matched.points):
        end = min(at + max(wanted, PHRASED_POINTS), len(matched.points))
        while end < len(matched.points) and matched.scores[end] == matched.scores[end - 1]:
            end += 1
        keys = [int(context.snapshot.keys[point]) for point in matched.points[at:end]]
        placed = context.corpus.hits(keys)
        scored = [
            (float(score), *placed[key])
            for key, score in zip(keys, matched.scores[at:end], strict=True)
            if key in placed
        ]
        if not at:
            scored[:PHRASED_POINTS] = [
                (score * phrased(point.text), document, point, trace)
                for score, document, point, trace in scored[:PHRASED_POINTS]
            ]
        scored.sort(key=lambda s: (-s[0], -s[1].published.timestamp(), s[1].id))
        found += [one for one in scored if _fits(one[1], one[2], asked)]
        at = end
    hits = [Hit(n, score, point, document) for n, (score, document, point, _) in enumerate(found[:wanted], 1)]
    return hits, {point.id: trace for _, _, point, trace in found}


def _phrased(text: str, phrasing: Phrasing, weight: float) -> float:
    return math.exp(weight) if phrasing.stands_in(text) else 1.0


def _listed(corpus: Corpus, documents: Sequence[int], k: int) -> tuple[Hit, ...]:
    """Where only filters were given: the newest documents, the first point of each."""
    keys = corpus.newest(documents, k)
    placed = corpus.hits(keys)
    found = [placed[key] for key in keys if key in placed]
    return tuple(Hit(n, 1 / n, point, document) for n, (document, point, _) in enumerate(found, 1))


def _fits(document: Document, point: Point, asked: QueryFilters) -> bool:
    if not asked.phrases:
        return True
    whole = f"{_plain(document.title)}\n{_plain(point.section)}\n{_plain(point.text)}"
    return all(_has(whole, _plain(phrase)) for phrase in asked.phrases)


def _has(whole: str, phrase: str) -> bool:
    """Whole words where the phrase is English."""
    return phrase in whole and (
        not phrase.isascii() or re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", whole) is not None
    )


def _plain(text: str) -> str:
    return " ".join(normalize(text).split())


def _interpretation(asked: QueryFilters, corrections: tuple[Correction, ...], *, truncated: bool) -> Understood:
    return Understood(
        asked.outlets,
        asked.topics,
        asked.since,
        asked.until,
        asked.excluded,
        asked.phrases,
        corrections,
        truncated,
    )
