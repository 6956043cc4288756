"""The search pipeline: a question and one state of the corpus to a Result."""

import math
import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

from retrieval.index.postings import BoolArray
from retrieval.index.snapshot import Snapshot
from retrieval.language.bilingual_names import topics_by_other_name
from retrieval.language.glyphs import fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative
from retrieval.language.tokenizer import normalize, stem
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING, Document, Point
from retrieval.model.results import Correction, Hit, Interpretation, Result, Verdict
from retrieval.query import filters
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.query.concepts import AnalyzedQuery
from retrieval.query.filters import QueryFilters
from retrieval.runtime.turns import GiveWay, keep_on
from retrieval.search.candidates import NO_POINTS, Numbers
from retrieval.search.confidence import judge, lacked_words
from retrieval.search.corpus_state import CandidateRequest, CorpusState, SearchContext, SearchedCorpus
from retrieval.search.explanation import ExplainableResult, Explanation
from retrieval.search.features import VERBATIM
from retrieval.search.highlighter import Highlighter, is_sure_name
from retrieval.search.judged_question import JudgedQuestion
from retrieval.search.long_question import keep_rarest
from retrieval.search.proximity import MAX_PHRASED_POINTS, Phrasing, VerbatimBoost, to_plain
from retrieval.search.ranker import gather
from retrieval.search.reranker import Reranked, rerank
from retrieval.search.shortlist import nearnesses, promote
from retrieval.search.shown_version import show_in
from retrieval.search.story_folder import fold_stories

MAX_QUESTION_CHARS = 1000  # the rest is ignored
MAX_POINTS = 50  # of one result
EXCLUDED_WEIGHT = 0.7  # of another name of an excluded word that is excluded with it
MIN_COMPARED_HITS = 2  # however few are asked for: the distance from the first to the second decides the confidence
SPARE_FACTOR = 2  # hits fetched for each one shown, since near-duplicates fold into one


def search(
    question: str,
    k: int,
    now: datetime,
    after: int,
    until: int | None,
    state: CorpusState,
    reader: QueryAnalyzer,
    *,
    patient: bool = False,
) -> Result:
    """As `Library.search`."""
    started = time.perf_counter()
    asked = question, k, now.astimezone(BEIJING).date(), after, until, reader.aliases.version()
    if (known := state.answered.get(asked)) is None:
        with state.turns.taken(patient=patient) as give_way:
            explainable = _search(question, k, now, after, until, state, reader, give_way)
            known = state.answered[asked] = explainable.result
    return replace(known, milliseconds=(time.perf_counter() - started) * 1000)


def explain(
    question: str, k: int, now: datetime, after: int, until: int | None, state: CorpusState, reader: QueryAnalyzer
) -> Explanation:
    """As `Library.explain`."""
    return _search(question, k, now, after, until, state, reader, keep_on).explain()


def _search(
    question: str,
    k: int,
    now: datetime,
    after: int,
    until: int | None,
    state: CorpusState,
    reader: QueryAnalyzer,
    give_way: GiveWay,
) -> ExplainableResult:
    written = fold_glyphs(question.encode("utf-8", "replace").decode())[:MAX_QUESTION_CHARS]
    called = topics_by_other_name(state.topics, reader.aliases)
    asked = filters.parse_filters(written, now, state.topics, state.has_documents, called)
    give_way()
    whole = reader.analyze(asked.text)
    give_way()
    reading = keep_rarest(whole, state.concept_frequencies)
    interpretation = Interpretation(
        *(asked.outlets, asked.topics, asked.since, asked.until, asked.excluded, asked.phrases),
        truncated=len(question) > MAX_QUESTION_CHARS,
        rarest_only=reading is not whole,
    )
    request = CandidateRequest(
        reading,
        DocumentFilter(asked.outlets, asked.topics, asked.since, asked.until, after, until),
        _excluded_names(asked, reader),
        _encoder_text(asked.text, reading),
    )
    context = state.context_for(request)
    allowed = context.snapshot.documents_passing(request.wanted) if request.wanted else None
    banned = context.snapshot.text.texts_with(request.excluded) if request.excluded else NO_POINTS
    give_way()
    candidates = gather(context.snapshot, reading, allowed, _favoured(asked, context.snapshot), banned)
    give_way()
    weights = state.weights.words
    reranked = rerank(reading, candidates.ranked(), context.snapshot, weights.order)
    if context.meaning and reading.concepts and not reranked.is_sure(state.weights.sure):
        give_way()
        nearness = context.meaning.to(request.text)
        give_way()
        weights = state.weights.meaning
        reranked = rerank(reading, candidates.ranked(nearness), context.snapshot, weights.order)
    k = min(k, MAX_POINTS)
    if not reading.concepts and allowed is not None and not after and until is None:
        hits = _newest(context.corpus, request.wanted, k)
        verdict: Verdict = "answer" if hits else "none"
        return ExplainableResult(Result(question, verdict, float(bool(hits)), (), 0.0, hits, reading=interpretation))
    phrasing = Phrasing.of(asked.text, reader.words.segment)
    boost = VerbatimBoost(phrasing, math.exp(weights.order.get(VERBATIM, 0.0)))
    give_way()
    compared = max(k, MIN_COMPARED_HITS)
    found = _hits(reranked, asked, compared * SPARE_FACTOR, context, boost)
    give_way()
    preferred = asked.outlets + asked.favoured_outlets
    folded = fold_stories(found, preferred, compared, context, reader)
    outlets = asked.favoured_outlets
    judging = JudgedQuestion(
        written,
        reading,
        phrasing,
        reranked.matched,
        reranked.features.coverage,
        context.snapshot,
        reader.lexicon,
        context.occurs,
        outlets,
    )
    folded = promote(judging, folded, weights)
    lacks = []
    for hit in folded:
        give_way()
        lacks.append(lacked_words(judging, hit))
    judged = judge(judging, folded, weights, lacks[0] if lacks else ())
    near = nearnesses(judging, folded, judged.verdict, weights)
    give_way()
    highlighter = Highlighter.of(reading.concepts, partial(is_sure_name, lexicon=reader.lexicon))
    hits = tuple(
        replace(highlighter.mark(hit), lacks=lacked, near=is_near)
        for hit, lacked, is_near in zip(folded[:k], lacks, near, strict=False)
    )
    corrections = [one for one in reading.corrections if hits and _is_confirmed(one, reading, hits[0].point.text)]
    interpretation = replace(interpretation, corrections=tuple(_with_full_word(one, hits) for one in corrections))
    result = Result(
        question=question,
        verdict=judged.verdict,
        confidence=judged.confidence,
        missing=judged.missing,
        milliseconds=0.0,
        hits=hits,
        nowhere=judged.nowhere,
        reading=interpretation,
        words=reading.words,
        names=judging.names,
        uncovered=judged.uncovered,
    )
    result = show_in(result, chinese=has_han(question))
    return ExplainableResult(result, judging, hits, reranked.features, weights)


def _is_confirmed(correction: Correction, reading: AnalyzedQuery, text: str) -> bool:
    """Whether the text has the word as it was read, and not as it was written or in another form of that."""
    if correction.asked in to_plain(text) or _forms(correction.asked) & _forms(correction.read):
        return False
    concept = next((one for one in reading.concepts if one.word == correction.asked), None)
    return bool(concept and Highlighter.of([replace(concept, alternatives=concept.alternatives[1:])]).find(text))


def _forms(word: str) -> set[str]:
    """The word without accents, its singular and its stem."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    return {bare, bare.removesuffix("s"), stem(bare)}


def _with_full_word(correction: Correction, hits: Iterable[Hit]) -> Correction:
    """With the word as the first matching point writes it, in place of a stem."""
    for hit in hits:
        for match in hit.matches:
            word = hit.point.text[match.start : match.end].lower()
            if match.word == correction.asked and stem(word) == correction.read:
                return replace(correction, read=word)
    return correction


def _encoder_text(text: str, reading: AnalyzedQuery) -> str:
    """The text with slips corrected and pinyin in characters, since an encoder reads neither."""
    for correction in reading.corrections:
        if has_han(correction.read):
            text = text.replace(correction.asked, correction.read)
    if any(concept.read for concept in reading.concepts):
        return "".join(concept.read or f" {concept.word} " for concept in reading.concepts if concept.asked)
    return normalize(text)


def _favoured(asked: QueryFilters, snapshot: Snapshot) -> BoolArray | None:
    """The documents that are raised; None for none of them."""
    wanted = []
    if asked.favoured_outlets:
        wanted.append(DocumentFilter(asked.favoured_outlets))
    if asked.favoured_since or asked.favoured_until:
        wanted.append(DocumentFilter(since=asked.favoured_since, until=asked.favoured_until))
    masks = [snapshot.documents_passing(one) for one in wanted]
    return np.logical_or.reduce(masks) if masks else None


def _excluded_names(asked: QueryFilters, reader: QueryAnalyzer) -> tuple[Alternative, ...]:
    """The excluded words under any name: -管线 excludes pipelines."""
    concepts = [concept for text in asked.excluded for concept in reader.analyze(text).concepts]
    names = [name for concept in concepts if concept.asked == concept.word for name in concept.alternatives]
    return tuple(name for name in names if name.weight >= EXCLUDED_WEIGHT)


def _hits(
    reranked: Reranked, asked: QueryFilters, wanted: int, context: SearchContext, boost: VerbatimBoost
) -> tuple[list[Hit], list[str], list[int]]:
    """The best points that have the phrases, equal scores newest first, then by id; their fingerprints' texts and keys.

    The scores of the first MAX_PHRASED_POINTS are boosted by their texts. Of those after the first `wanted`, only texts
    are read that have all words of the question: others have it not word for word.
    """
    matched = reranked.matched
    found: list[tuple[float, Document, Point, str, int]] = []
    at = 0
    while len(found) < wanted and at < len(matched.points):
        end = min(at + max(wanted, MAX_PHRASED_POINTS), len(matched.points))
        while end < len(matched.points) and matched.scores[end] == matched.scores[end - 1]:
            end += 1
        read = np.arange(at, end)
        if not at and not asked.phrases and boost.factor >= 1:
            read = _among_wanted(reranked, wanted, end)
        keys = context.snapshot.keys.take(matched.points[read]).tolist()
        rows = context.corpus.hits(keys)
        scores = zip(keys, matched.scores[read].tolist(), strict=True)
        scored = [(score, *rows[key], key) for key, score in scores if key in rows]
        if not at:
            first = int(np.count_nonzero(read < MAX_PHRASED_POINTS))
            scored[:first] = [
                (score * boost.of(point.text), document, point, fingerprint, key)
                for score, document, point, fingerprint, key in scored[:first]
            ]
        scored.sort(key=lambda hit: (-hit[0], -hit[1].published.timestamp(), hit[1].id))
        found += [hit for hit in scored if _has_phrases(hit[1], hit[2], asked)]
        at = end
    del found[wanted:]
    hits = [Hit(n, score, point, document) for n, (score, document, point, *_) in enumerate(found, 1)]
    return hits, [fingerprint for *_, fingerprint, _ in found], [key for *_, key in found]


def _among_wanted(reranked: Reranked, wanted: int, end: int) -> Numbers:
    """Those of the first `end` points that are among the `wanted`, or may be if they have all words."""
    scores, covered = reranked.matched.scores[:end], np.asarray(reranked.features.coverage.there.all(axis=0))[:end]
    chosen = np.asarray(scores >= scores[min(wanted, end) - 1], np.bool_)
    chosen[: len(covered)] |= covered
    return np.flatnonzero(chosen)


def _newest(corpus: SearchedCorpus, wanted: DocumentFilter, k: int) -> tuple[Hit, ...]:
    """For a question of filters only: the first point of each of the newest documents."""
    keys = corpus.newest(wanted, k)
    rows = corpus.hits(keys)
    found = [rows[key] for key in keys if key in rows]
    return tuple(Hit(n, 1 / n, point, document) for n, (document, point, _) in enumerate(found, 1))


def _has_phrases(document: Document, point: Point, asked: QueryFilters) -> bool:
    if not asked.phrases:
        return True
    text = f"{_plain(document.title)}\n{_plain(point.section)}\n{_plain(point.text)}"
    return all(_has_phrase(text, _plain(phrase)) for phrase in asked.phrases)


def _has_phrase(text: str, phrase: str) -> bool:
    """An English phrase must be of whole words."""
    return phrase in text and (not phrase.isascii() or bool(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)))


def _plain(text: str) -> str:
    return " ".join(normalize(text).split())
